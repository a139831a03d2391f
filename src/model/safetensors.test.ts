import { describe, expect, test } from 'vitest';
import { ModelError } from './errors';
import {
  encodeTensor,
  parseShardIndex,
  readSafetensors,
  tensorValues,
  writeSafetensors,
  type StoredTensor,
} from './safetensors';

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
    ['an unknown dtype', file({ x: { ...sound, dtype: 'F8_E4M3' } }, new Uint8Array(8)), /F8_E4M3/],
  ])('%s is refused with the reason', (_, bytes, message) => {
    expect(() => read(bytes)).toThrow(ModelError);
    expect(() => read(bytes)).toThrow(message);
    expect(() => read(bytes)).toThrow(/model\.safetensors/);
  });

  test('an index of shards may not leave its folder', () => {
    expect(parseShardIndex({ weight_map: { x: 'model-00001-of-00002.safetensors' } }, 'index').get('x')).toBe(
      'model-00001-of-00002.safetensors',
    );
    expect(() => parseShardIndex({ weight_map: { x: '../model.safetensors' } }, 'index')).toThrow(/beside it/);
    expect(() => parseShardIndex({}, 'index')).toThrow(/weight_map/);
  });
});
