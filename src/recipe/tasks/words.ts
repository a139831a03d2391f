import { z } from 'zod';
import { field } from '../field';

/** Fields that tasks share in which a model writes words: captions, answers. */

export const labelConventions = ['lavis', 'transformers'] as const;
export type LabelConvention = (typeof labelConventions)[number];

/** Whether a task has the model write words. */
export function writesWords(type: string): boolean {
  return type === 'captioning' || type === 'answering';
}

export const wordFields = {
  labelConvention: field(z.enum(labelConventions), 'lavis', {
    label: 'Labels',
    group: 'task',
    help: 'What of a text the model is taught to write. As LAVIS, where BLIP comes from: every word and the end, behind its own first token. As Transformers makes them of token ids: the padding behind the end too, and the tokenizer’s first token.',
    advanced: true,
  }),
  labelSmoothing: field(z.number().min(0).max(0.5), 0.1, {
    label: 'Label smoothing',
    group: 'regularization',
    help: 'Share of the target spread over all words. LAVIS takes 0.1, Transformers 0.',
    advanced: true,
  }),
  writtenBeams: field(z.int().min(1).max(16), 1, {
    label: 'Beams',
    group: 'evaluation',
    help: 'Texts that are followed side by side when the model writes at an evaluation. 1 takes the most probable word each time.',
    advanced: true,
    one: 'one, the most probable word',
  }),
  writtenSamples: field(z.int().min(0).max(100_000), 200, {
    label: 'Written at evaluations',
    group: 'evaluation',
    help: 'Validation samples that the model writes for at each evaluation, at most; the same ones each time. 0: all.',
    advanced: true,
    scale: 'log',
    zero: 'all',
  }),
} as const;
