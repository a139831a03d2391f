import { expect, test } from 'vitest';
import { opCases } from '../../../engine/fixtures/load';
import { contrastiveLoss } from './contrastive-loss';

const cases = opCases('contrastiveLoss').filter(({ inputs }) => inputs['imageKeys']?.data.every((key) => key >= 0));

test('there are fixtures with and without label smoothing', () => {
  expect(cases.some(({ attributes }) => attributes['labelSmoothing'] === 0)).toBe(true);
  expect(cases.some(({ attributes }) => Number(attributes['labelSmoothing']) > 0)).toBe(true);
});

test.each(cases.map((fixture) => [fixture.name, fixture] as const))('%s is the value of PyTorch', (_, fixture) => {
  const floats = (role: string): Float32Array => fixture.inputs[role]?.data as Float32Array;
  const keys = (role: string): Int32Array => fixture.inputs[role]?.data as Int32Array;
  const loss = contrastiveLoss(
    {
      image: floats('image'),
      text: floats('text'),
      width: fixture.inputs['image']?.shape[1] ?? 0,
      imageKeys: keys('imageKeys'),
      textKeys: keys('textKeys'),
    },
    floats('logitScale')[0] ?? 0,
    Number(fixture.attributes['labelSmoothing']),
  );
  expect(loss).toBeCloseTo(fixture.y.data[0] ?? 0, 5);
});
