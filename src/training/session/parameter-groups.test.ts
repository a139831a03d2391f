import { expect, it } from 'vitest';
import { recipeOf } from '../testing/fakes';
import { parameterGroups, type Layer } from './parameter-groups';

const block = (index: number): Layer => ({
  id: `vision.blocks.${index}`,
  tower: 'vision',
  kind: 'block',
  index,
  tensors: [
    { name: `vision.blocks.${index}.weight`, shape: [4, 4] },
    { name: `vision.blocks.${index}.bias`, shape: [4] },
  ],
});
const layers: readonly Layer[] = [
  block(0),
  block(1),
  {
    id: 'vision.projection',
    tower: 'vision',
    kind: 'projection',
    index: null,
    tensors: [{ name: 'proj', shape: [4, 4] }],
  },
  { id: 'logit_scale', tower: null, kind: 'scale', index: null, tensors: [{ name: 'logit_scale', shape: [] }] },
];
const clamp = { logit_scale: [0, 4.6] as const };

it('parts what is trained by rate, decay and range', () => {
  const trainable = ['vision.blocks.1.weight', 'vision.blocks.1.bias', 'proj', 'logit_scale'];
  const groups = parameterGroups(layers, recipeOf({ layerDecay: 0.5, weightDecay: 0.1 }), { trainable, clamp });
  expect(groups).toEqual([
    { names: new Set(['vision.blocks.1.weight']), rateFactor: 0.5, weightDecay: 0.1 },
    { names: new Set(['vision.blocks.1.bias']), rateFactor: 0.5, weightDecay: 0 },
    { names: new Set(['proj']), rateFactor: 1, weightDecay: 0.1 },
    { names: new Set(['logit_scale']), rateFactor: 1, weightDecay: 0, clamp: [0, 4.6] },
  ]);
});

it('makes few groups without layer-wise decay', () => {
  const trainable = layers.flatMap(({ tensors }) => tensors.map(({ name }) => name));
  expect(parameterGroups(layers, recipeOf(), { trainable, clamp })).toHaveLength(3);
});
