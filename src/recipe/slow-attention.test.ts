import { expect, it } from 'vitest';
import { defaultRecipe, withFields } from './fields';
import { applyPreset } from './presets';
import { checkAttention } from './slow-attention';

it('warns of wide attention without a GPU, and offers one that a processor computes quickly', () => {
  const attending = { task: 'classification', input: 'both', fusion: 'attention' } as const;
  const recipe = applyPreset('quick', withFields(defaultRecipe, attending));
  const without = { accelerated: false };
  const [finding] = checkAttention(recipe, without);
  expect(finding).toMatchObject({ id: 'slow-attention', severity: 'warning', where: 'recipe' });
  expect(finding?.message).toContain('a width of 256 in 2 blocks');
  const [fix] = finding?.fixes ?? [];
  if (fix === undefined || !('change' in fix)) throw new Error('no fix');
  expect(checkAttention(withFields(recipe, fix.change), without)).toEqual([]);
  expect(checkAttention(recipe, { accelerated: true })).toEqual([]);
  expect(checkAttention(recipe, null)).toEqual([]);
  expect(checkAttention(withFields(recipe, { fusion: 'gate' }), without)).toEqual([]);
  expect(checkAttention(withFields(recipe, { input: 'words' }), without)).toEqual([]);
  expect(checkAttention(defaultRecipe, without)).toEqual([]);
});
