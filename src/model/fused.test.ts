import { expect, test } from 'vitest';
import { openArchitecture } from './families';
import siglip from './families/siglip/fixtures/siglip.json';
import { checkpointTensors, splitTensor } from './fused';
import { encodeTensor, tensorValues } from './safetensors';

const architecture = openArchitecture(siglip.config);
const fusedName = 'vision_model.head.attention.in_proj_weight';

test('a checkpoint names what Transformers’ class names', () => {
  const stored = Object.entries(siglip.weights).map(([name, { shape }]) => `${name} ${shape.join()}`);
  const known = checkpointTensors(architecture).map(({ name, shape }) => `${name} ${shape.join()}`);
  expect(known.toSorted()).toEqual(stored.toSorted());
});

test('a fused tensor is taken apart along its first axis', () => {
  const values = Float32Array.from({ length: 48 * 16 }, (_, at) => at);
  const parts = splitTensor(encodeTensor(fusedName, [48, 16], values, 'F16'), architecture);
  const names = ['q', 'k', 'v'].map((part) => `vision_model.head.attention.${part}_proj.weight`);
  expect(parts.map(({ name, shape }) => [name, shape])).toEqual(names.map((name) => [name, [16, 16]]));
  expect(checkpointTensors(architecture).find(({ name }) => name === fusedName)).toMatchObject({ parts: names });
  expect(parts.map((part) => tensorValues(part)[0])).toEqual([0, 256, 512]);
});
