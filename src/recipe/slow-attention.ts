import type { Finding, Situation } from './checks';
import type { Recipe } from './schema';

/** Attention of tokens that a processor computes within a quarter of a second a step: its work grows with the blocks and the square of the width. */
const quickAttention = { headWidth: 64, fusionBlocks: 1 } as const;

/** Warns of a head whose tokens attend to each other where a processor has to compute it. */
export function checkAttention({ task }: Recipe, machine: Situation['machine']): readonly Finding[] {
  if (machine === null || machine.accelerated || !('head' in task)) return [];
  const { input, fusion, headWidth, fusionBlocks } = task;
  const cost = fusionBlocks * headWidth ** 2;
  if (input !== 'both' || fusion !== 'attention' || cost <= 2 * quickAttention.headWidth ** 2) return [];
  return [
    {
      id: 'slow-attention',
      severity: 'warning',
      where: 'recipe',
      message: `There is no GPU here, so attention at a width of ${headWidth} in ${fusionBlocks === 1 ? 'one block' : `${fusionBlocks} blocks`} takes seconds a step. A width of ${quickAttention.headWidth} in one block takes a fraction of it.`,
      fixes: [{ label: `Use a width of ${quickAttention.headWidth}`, change: quickAttention }],
    },
  ];
}
