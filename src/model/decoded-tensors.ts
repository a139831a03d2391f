import { tensorValues, type StoredTensor } from './safetensors';

/** Tensors converted to float32 when asked for, so that a large checkpoint is not held twice. */
export class DecodedTensors implements ReadonlyMap<string, Float32Array> {
  constructor(private readonly stored: ReadonlyMap<string, StoredTensor>) {}

  get size(): number {
    return this.stored.size;
  }

  get(name: string): Float32Array<ArrayBuffer> | undefined {
    const tensor = this.stored.get(name);
    return tensor && tensorValues(tensor);
  }

  has(name: string): boolean {
    return this.stored.has(name);
  }

  keys(): MapIterator<string> {
    return this.stored.keys();
  }

  *entries(): MapIterator<[string, Float32Array]> {
    for (const [name, tensor] of this.stored) yield [name, tensorValues(tensor)];
  }

  *values(): MapIterator<Float32Array> {
    for (const [, values] of this.entries()) yield values;
  }

  forEach(callback: (values: Float32Array, name: string, map: ReadonlyMap<string, Float32Array>) => void): void {
    for (const [name, values] of this.entries()) callback(values, name, this);
  }

  [Symbol.iterator](): MapIterator<[string, Float32Array]> {
    return this.entries();
  }
}
