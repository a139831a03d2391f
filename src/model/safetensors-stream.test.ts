import { expect, test } from 'vitest';
import { encodeTensor, type StoredTensor } from './safetensors';
import { layOutSafetensors, streamSafetensors } from './safetensors-stream';
import { writeSafetensors } from './testing/safetensors';

const tensors = [
  encodeTensor('b', [2, 3], new Float32Array([1, 2, 3, 4, 5, -0]), 'F32'),
  encodeTensor('a', [], new Float32Array([4.6]), 'F32'),
  encodeTensor('c', [3], new Float32Array([0.1, 65504, -2]), 'F16'),
  encodeTensor('none', [0], new Float32Array(), 'F16'),
];
const file = writeSafetensors(tensors);

/** A file in pieces of so many bytes. */
async function* inPieces(bytes: Uint8Array, size: number, onEnd: () => void = () => undefined) {
  try {
    for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
  } finally {
    onEnd();
  }
}

async function collect(source: AsyncIterable<StoredTensor>): Promise<StoredTensor[]> {
  const found: StoredTensor[] = [];
  for await (const tensor of source) found.push(tensor);
  return found;
}

test('the layout knows the whole file from the shapes', () => {
  const layout = layOutSafetensors(tensors);
  expect(layout.size).toBe(file.length);
  expect(layout.tensors.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'none']);
  expect(() => layOutSafetensors([{ name: 'x', dtype: 'Q3', shape: [1] }])).toThrow(/"x" is of the type Q3/);
});

test.each([1, 7, 64, 1e6])('a file in pieces of %i bytes gives its tensors in its order', async (size) => {
  const told: string[] = [];
  const found = await collect(
    streamSafetensors(inPieces(file, size), file.length, 'x', (all) => told.push(...all.map(({ name }) => name))),
  );
  expect(told.sort()).toEqual(['a', 'b', 'c', 'none']);
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  expect(found.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'none']);
  for (const { bytes, ...rest } of found) {
    expect({ ...byName.get(rest.name), bytes: [...(byName.get(rest.name)?.bytes ?? [])] }).toEqual({
      ...rest,
      bytes: [...bytes],
    });
  }
});

test('a file that ends early or lies is refused with the reason', async () => {
  const cut = streamSafetensors(inPieces(file.subarray(0, -1), 16), file.length, 'model.safetensors');
  await expect(collect(cut)).rejects.toThrow(/model\.safetensors.*ends before the last of its tensors/);
  const short = streamSafetensors(inPieces(file, 16), file.length - 1, 'model.safetensors');
  await expect(collect(short)).rejects.toThrow(/cut short/);
  const few = streamSafetensors(inPieces(file.subarray(0, 4), 16), 4, 'model.safetensors');
  await expect(collect(few)).rejects.toThrow(/only 4 bytes/);
});

test('whoever stops early, or is not content with the header, closes the stream', async () => {
  let closed = 0;
  for await (const { name } of streamSafetensors(
    inPieces(file, 8, () => closed++),
    file.length,
    'x',
  ))
    if (name === 'a') break;
  expect(closed).toBe(1);
  const picky = streamSafetensors(
    inPieces(file, 8, () => closed++),
    file.length,
    'x',
    () => {
      throw new Error('Not these.');
    },
  );
  await expect(collect(picky)).rejects.toThrow('Not these.');
  expect(closed).toBe(2);
});
