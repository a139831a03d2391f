import { expect, test } from 'vitest';
import { openArchitecture } from '../../../model/families';
import { recipeOf } from '../../testing/fakes';
import { createRandom } from '../../random';
import { addsBias, fittingBias, pairLossOf } from './sigmoid-bias';

const clip = openArchitecture({ model_type: 'clip' });
const siglip = openArchitecture({ model_type: 'siglip' });

test('each model has the loss that it was made with, unless the recipe names another', () => {
  expect([clip, siglip].map((model) => pairLossOf(recipeOf(), model))).toEqual(['contrastive', 'sigmoid']);
  expect(pairLossOf(recipeOf({ loss: 'sigmoid' }), clip)).toBe('sigmoid');
  expect(pairLossOf(recipeOf({ loss: 'contrastive' }), siglip)).toBe('contrastive');
  expect([clip, siglip].map((model) => addsBias(recipeOf({ loss: 'sigmoid' }), model))).toEqual([true, false]);
});

test('the scalar is where the loss is least', () => {
  const random = createRandom(4);
  const [pairs, width, scale] = [5, 8, 100];
  const unit = (): Float32Array => {
    const rows = Float32Array.from({ length: pairs * width }, () => random() - 0.3);
    for (let row = 0; row < pairs; row++) {
      const own = rows.subarray(row * width, (row + 1) * width);
      const norm = Math.hypot(...own);
      own.forEach((value, at) => (own[at] = value / norm));
    }
    return rows;
  };
  const [images, captions] = [unit(), unit()];
  const loss = (bias: number): number => {
    let sum = 0;
    for (let i = 0; i < pairs; i++) {
      for (let j = 0; j < pairs; j++) {
        let dot = 0;
        for (let at = 0; at < width; at++) dot += images[i * width + at]! * captions[j * width + at]!;
        sum += Math.log1p(Math.exp((i === j ? -1 : 1) * (scale * dot + bias)));
      }
    }
    return sum;
  };
  const bias = fittingBias(images, captions, width, scale);
  expect(bias).toBeLessThan(-10);
  expect(loss(bias)).toBeLessThan(loss(bias + 0.05));
  expect(loss(bias)).toBeLessThan(loss(bias - 0.05));
});
