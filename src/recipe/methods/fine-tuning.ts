import { z } from 'zod';
import { field } from '../field';

export const freezePresets = ['full', 'last-blocks', 'projections', 'image-locked', 'text-locked', 'custom'] as const;

/** Training the weights of the model itself, layer groups left out that are to stay as they are. */
export const fineTuningMethod = z.strictObject({
  type: z.literal('fine-tuning'),
  freeze: field(z.enum(freezePresets), 'full', {
    label: 'What to train',
    group: 'layers',
    help: 'Layers that are not trained stay exactly as they are and cost less time and memory.',
  }),
  lastBlocks: field(z.int().min(1).max(48), 2, {
    label: 'Blocks from the end',
    group: 'layers',
    help: 'How many of the last transformer blocks of each tower are trained.',
  }),
  trainableGroups: field(
    z
      // Each model has names of its own.
      .array(z.string().regex(/^[a-z][\w.-]{0,59}$/))
      .max(200),
    [],
    {
      label: 'Trained layers',
      group: 'layers',
      help: 'The layer groups that are trained when you choose them yourself.',
    },
  ),
  layerDecay: field(z.number().min(0.1).max(1), 1, {
    label: 'Layer-wise decay',
    group: 'optimizer',
    help: 'Factor by which the learning rate falls from each block to the one below it, so that the layers near the pixels and words, which are the most general, change least. 1: the same rate everywhere.',
    advanced: true,
    one: 'the same everywhere',
  }),
});
