import { pairGraph } from '../../../model/pair-graph';
import type { MemoryQuestion, TaskMemory } from '../memory';
import { pairLossOf } from './sigmoid-bias';

/** Both towers and a loss over the pairs of a batch. */
export function pairMemory({ recipe, architecture }: MemoryQuestion): TaskMemory {
  const loss = pairLossOf(recipe, architecture);
  return {
    towers: [{ tower: 'vision' }, { tower: 'text' }],
    ownTrained: [],
    training: ({ from, ...options }) =>
      pairGraph(architecture, { ...options, loss, imageFrom: from.vision, textFrom: from.text }),
  };
}
