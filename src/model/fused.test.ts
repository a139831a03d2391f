import { expect, test } from 'vitest';
import { openArchitecture } from './families';
import siglip from './families/siglip/fixtures/siglip.json';
import { modelTensors } from './architecture';
import { checkpointTensors, joinTensors, splitTensor } from './fused';
import { encodeTensor } from './safetensors';

const architecture = openArchitecture(siglip.config);
const fusedName = 'vision_model.head.attention.in_proj_weight';

test('a checkpoint names what Transformers’ class names', () => {
  const stored = Object.entries(siglip.weights).map(([name, { shape }]) => ({ name, shape }));
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  expect([...checkpointTensors(architecture)].sort(byName)).toEqual(stored.sort(byName));
});

test('what was taken apart is put together as it was', () => {
  const whole = checkpointTensors(architecture).map(({ name, shape }, number) => {
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, at) => number + at / 1000);
    return encodeTensor(name, shape, values, 'F16');
  });
  const parts = whole.flatMap((tensor) => splitTensor(tensor, architecture));
  expect(parts.map(({ name }) => name).toSorted()).toEqual(
    modelTensors(architecture)
      .map(({ name }) => name)
      .toSorted(),
  );
  expect(parts.find(({ name }) => name === 'vision_model.head.attention.k_proj.weight')?.shape).toEqual([16, 16]);
  expect(joinTensors(parts, architecture)).toEqual(whole);
  expect(whole.find(({ name }) => name === fusedName)?.shape).toEqual([48, 16]);
});
