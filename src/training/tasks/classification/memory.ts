import type { MemoryQuestion, TaskMemory } from '../memory';
import { classifierGraph } from './graph';
import { headBias, headWeight } from './head';

/** The page knows how many labels pictures have in all, not how many differ: more classes than this are few, and a head is small beside a tower. */
const mostClasses = 1000;

/** The image tower alone, with a head. */
export function classifierMemory({ architecture, texts }: MemoryQuestion): TaskMemory {
  return {
    towers: [{ tower: 'vision', reading: 'patch-mean' }],
    ownTrained: [headWeight, headBias],
    graph: ({ batch, squareSide, normalization, from }) =>
      classifierGraph(architecture, {
        batch,
        squareSide,
        normalization,
        from: from.vision,
        classes: Math.min(mostClasses, Math.max(2, texts)),
        labelSmoothing: 0,
      }),
  };
}
