import { expect, it } from 'vitest';
import { layerRateFactors } from './layer-decay';
import { place, towerPlaces } from './testing/places';

const groups = [...towerPlaces('vision', 2), ...towerPlaces('text', 1), place('logit_scale', null, 'scale')];

it('halves the rate from layer to layer, in each tower by its own depth', () => {
  expect(Object.fromEntries(layerRateFactors(groups, 0.5))).toEqual({
    'vision.embeddings': 0.125,
    'vision.blocks.0': 0.25,
    'vision.blocks.1': 0.5,
    'vision.final_norm': 1,
    'vision.projection': 1,
    'text.embeddings': 0.25,
    'text.blocks.0': 0.5,
    'text.final_norm': 1,
    'text.projection': 1,
    logit_scale: 1,
  });
});

it('leaves the rate as it is with a factor of 1', () => {
  expect(new Set(layerRateFactors(groups, 1).values())).toEqual(new Set([1]));
});
