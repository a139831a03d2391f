import { describe, expect, test } from 'vitest';
import { ModelError } from './errors';
import {
  encodeTensor,
  holdsWeights,
  parseShardIndex,
  readSafetensors,
  tensorValues,
  type StoredTensor,
} from './safetensors';
import { writeSafetensors } from './testing/safetensors';

function file(header: unknown, data = new Uint8Array(0)): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const out = new Uint8Array(8 + json.length + data.length);
  new DataView(out.buffer).setBigUint64(0, BigInt(json.length), true);
  out.set(json, 8);
  out.set(data, 8 + json.length);
  return out;
}

const read = (bytes: Uint8Array) => readSafetensors(bytes, 'model.safetensors');

describe('safetensors', () => {
  test('what is written is read back, bit for bit', () => {
    const tensors: StoredTensor[] = [
      encodeTensor('b', [2, 3], new Float32Array([1, 2, 3, 4, 5, -0]), 'F32'),
      encodeTensor('a', [], new Float32Array([4.6]), 'F32'),
      encodeTensor('c', [3], new Float32Array([0.1, 65504, -2]), 'F16'),
    ];
    const bytes = writeSafetensors(tensors);
    const back = read(bytes);
    expect([...back.keys()].sort()).toEqual(['a', 'b', 'c']);
    for (const tensor of tensors) {
      expect(back.get(tensor.name)?.shape).toEqual(tensor.shape);
      expect([...(back.get(tensor.name)?.bytes ?? [])]).toEqual([...tensor.bytes]);
    }
    expect(new DataView(bytes.buffer).getBigUint64(0, true) % 8n).toBe(0n);
    expect(new TextDecoder().decode(bytes.subarray(8, 60))).toContain('{"__metadata__":{"format":"pt"}');
  });

  test('reads BF16 and F64, from any alignment', () => {
    const data = new Uint8Array([0x80, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0xc0]);
    const tensors = read(
      file(
        {
          x: { dtype: 'BF16', shape: [1], data_offsets: [0, 2] },
          y: { dtype: 'F64', shape: [1], data_offsets: [2, 10] },
        },
        data,
      ),
    );
    const x = tensors.get('x');
    const y = tensors.get('y');
    expect(x && [...tensorValues(x)]).toEqual([1]);
    expect(y && [...tensorValues(y)]).toEqual([-2]);
  });

  const sound = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
  test.each([
    ['a few bytes', new Uint8Array(5), /only 5 bytes/],
    ['an HTML page', new TextEncoder().encode('<!doctype html><title>not found</title>'), /impossible header length/],
    ['a header cut short', file({ x: sound }).subarray(0, 30), /ends inside its header/],
    ['a header that is no JSON', file('{"x":'), /no JSON/],
    ['a header that is a list', file('[]'), /no JSON object/],
    ['data cut short', file({ x: sound }, new Uint8Array(4)), /cut short/],
    ['a shape that lies', file({ x: { ...sound, shape: [3] } }, new Uint8Array(8)), /does not match its shape/],
    ['negative offsets', file({ x: { ...sound, data_offsets: [-8, 0] } }), /wrongly/],
    ['tensors that overlap', file({ x: sound, y: { ...sound, data_offsets: [4, 12] } }, new Uint8Array(12)), /overlap/],
    [
      'a hole in front',
      file({ x: { ...sound, data_offsets: [4, 12] } }, new Uint8Array(12)),
      /bytes that belong to no tensor/,
    ],
    [
      'a hole between tensors',
      file({ x: sound, y: { ...sound, data_offsets: [12, 20] } }, new Uint8Array(20)),
      /before the data of "y" lie bytes/,
    ],
    [
      'bytes behind the last tensor',
      file({ x: sound }, new Uint8Array(12)),
      /ends with 4 bytes that belong to no tensor/,
    ],
    [
      'a name that comes twice',
      file(`{"x":${JSON.stringify(sound)},"\\u0078":${JSON.stringify(sound)}}`, new Uint8Array(8)),
      /names "x" twice/,
    ],
    [
      'a field that comes twice',
      file('{"x":{"dtype":"F32","shape":[1],"shape":[2],"data_offsets":[0,8]}}', new Uint8Array(8)),
      /names "shape" twice/,
    ],
    ['metadata that are no strings', file({ __metadata__: { step: 3 }, x: sound }, new Uint8Array(8)), /__metadata__/],
  ])('%s is refused with the reason', (_, bytes, message) => {
    expect(() => read(bytes)).toThrow(ModelError);
    expect(() => read(bytes)).toThrow(message);
    expect(() => read(bytes)).toThrow(/model\.safetensors/);
  });

  test('a tensor of a type that nothing here computes with is read and left as it is', () => {
    const data = new Uint8Array(11);
    const tensors = read(
      file(
        {
          a: { dtype: 'F8_E4M3', shape: [2, 2], data_offsets: [0, 4] },
          b: { dtype: 'F4', shape: [4], data_offsets: [4, 6] },
          c: { dtype: 'Q3_FROM_THE_FUTURE', shape: [99], data_offsets: [6, 11] },
        },
        data,
      ),
    );
    expect([...tensors.values()].map((tensor) => [tensor.dtype, tensor.bytes.length, holdsWeights(tensor)])).toEqual([
      ['F8_E4M3', 4, false],
      ['F4', 2, false],
      ['Q3_FROM_THE_FUTURE', 5, false],
    ]);
    expect(() => tensorValues(tensors.get('a')!)).toThrow(/"a" holds F8_E4M3/);
    const wrong = file({ a: { dtype: 'F8_E4M3', shape: [5], data_offsets: [0, 4] } }, new Uint8Array(4));
    expect(() => read(wrong)).toThrow(/does not match its shape/);
  });

  test.each([
    [
      'a million tensors',
      () => Array.from({ length: 1e6 }, (_, at) => `"t${at}":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`),
    ],
    ['a tensor of a million axes', () => [`"t":{"dtype":"U8","shape":[${'1,'.repeat(1e6)}1],"data_offsets":[0,1]}`]],
    ['a million lists in one another', () => [`"t":${'['.repeat(1e6)}${']'.repeat(1e6)}`]],
    ['a million fields', () => [`"t":{${Array.from({ length: 1e6 }, (_, at) => `"f${at}":0`).join()}}`]],
  ])('%s are refused before they cost anything', (_, entries) => {
    const bytes = file(`{${entries().join()}}`);
    const began = performance.now();
    expect(() => read(bytes)).toThrow(/header larger than that of any model/);
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  test('an index of shards may not leave its folder', () => {
    expect(parseShardIndex({ weight_map: { x: 'model-00001-of-00002.safetensors' } }, 'index').get('x')).toBe(
      'model-00001-of-00002.safetensors',
    );
    expect(() => parseShardIndex({ weight_map: { x: '../model.safetensors' } }, 'index')).toThrow(/beside it/);
    expect(() => parseShardIndex({}, 'index')).toThrow(/weight_map/);
  });
});
