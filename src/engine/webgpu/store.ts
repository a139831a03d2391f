import { EngineError, type ParameterStore, type TensorLookup, type TensorMap } from '../executor';
import { elementCount, type ParameterSpec } from '../graph/value';
import { bufferUsage } from './constants';
import { aligned, bindingAlignment, mebibytes, withBuffers, type BufferGroup, type DeviceMemory } from './memory';
import type { Slice } from './plan';
import { readSlices } from './readback';

/** Where a checkpoint tensor lies: `offset` in bytes inside buffer number `chunk`. */
interface Place {
  readonly chunk: number;
  readonly offset: number;
  readonly bytes: number;
}

/** A parameter of a graph inside the store. */
export interface StoredParameter {
  readonly chunk: number;
  readonly slice: Slice;
}

/** Weights in a few large buffers, as large as the adapter lets one binding be, so that an optimizer step is one dispatch per buffer. */
export class WebGpuParameterStore implements ParameterStore {
  private constructor(
    readonly specs: readonly ParameterSpec[],
    private readonly device: GPUDevice,
    private readonly memory: DeviceMemory,
    private readonly group: BufferGroup,
    readonly chunks: readonly GPUBuffer[],
    private readonly places: ReadonlyMap<string, Place>,
  ) {}

  /**
   * @param shared whose parameters are found here too
   * @throws EngineError `limit` where a parameter is too large for one binding, `out-of-memory`, or `validation` where a tensor is missing
   */
  static async create(
    specs: readonly ParameterSpec[],
    tensors: TensorLookup,
    device: GPUDevice,
    memory: DeviceMemory,
    shared: WebGpuParameterStore | null = null,
  ): Promise<WebGpuParameterStore> {
    const limit = Math.floor(device.limits.maxStorageBufferBindingSize / bindingAlignment) * bindingAlignment;
    const sizes: number[] = [];
    const others = shared?.chunks ?? [];
    const places = new Map<string, Place>();
    const states = specs.filter(({ state }) => state === true);
    const weights = specs.filter(({ state }) => state !== true);
    for (const { parts, shape, state } of [...weights, ...states]) {
      const bytes = aligned(4 * elementCount(shape));
      const names = parts.map(({ name }) => name).join(', ');
      if (bytes > limit) {
        const message = `The parameter ${names} has ${mebibytes(bytes)}; this graphics adapter binds at most ${mebibytes(limit)}.`;
        throw new EngineError('limit', message);
      }
      // A dispatch that writes to a state may read weights, which it could not in one buffer with them.
      if (state === true || (sizes.at(-1) ?? limit) + bytes > limit) sizes.push(0);
      const chunk = sizes.length - 1;
      let offset = sizes[chunk] ?? 0;
      sizes[chunk] = offset + bytes;
      for (const part of parts) {
        const partBytes = 4 * elementCount(part.shape);
        places.set(part.name, { chunk: others.length + chunk, offset, bytes: partBytes });
        offset += partBytes;
      }
    }
    for (const { name } of weights.flatMap(({ parts }) => parts)) {
      if (!tensors.has(name)) throw new EngineError('validation', `The checkpoint has no tensor ${name}.`);
    }
    const usage = bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyDestination;
    return withBuffers(memory, async (group) => {
      const chunks = await group.scoped('the model weights', () =>
        sizes.map((bytes, chunk) => group.buffer('weights', `weights ${chunk}`, bytes, usage)),
      );
      const all = new Map([...(shared?.places ?? []), ...places]);
      const store = new WebGpuParameterStore(specs, device, memory, group, [...others, ...chunks], all);
      for (const name of places.keys()) {
        const values = tensors.get(name);
        if (values !== undefined) store.upload(name, values);
      }
      return store;
    });
  }

  /**
   * Where a parameter of some graph over the same checkpoint lies. Its parts must be neighbours here, as they are wherever graphs group them alike.
   */
  locate(spec: ParameterSpec): StoredParameter {
    const places = spec.parts.map(({ name }) => {
      const place = this.places.get(name);
      if (place === undefined) throw new EngineError('validation', `The parameter store has no tensor ${name}.`);
      return place;
    });
    const [first] = places;
    if (first === undefined) throw new EngineError('validation', 'A parameter has no parts.');
    let end = first.offset;
    for (const { chunk, offset, bytes } of places) {
      if (chunk !== first.chunk || offset !== end || first.offset % bindingAlignment !== 0) {
        const names = spec.parts.map(({ name }) => name).join(', ');
        throw new EngineError('validation', `The parameter store does not hold ${names} side by side.`);
      }
      end += bytes;
    }
    const buffer = this.chunk(first.chunk);
    return {
      chunk: first.chunk,
      slice: { kind: 'slice', buffer, offset: first.offset, bytes: aligned(end - first.offset) },
    };
  }

  async read(names?: readonly string[]): Promise<Map<string, Float32Array>> {
    const wanted = names ?? [...this.places.keys()];
    const slices = wanted.map((name): Slice => {
      const place = this.places.get(name);
      if (place === undefined) throw new EngineError('validation', `The parameter store has no tensor ${name}.`);
      return { kind: 'slice', buffer: this.chunk(place.chunk), offset: place.offset, bytes: place.bytes };
    });
    const values = await readSlices(this.device, this.memory, slices);
    return new Map(wanted.map((name, index) => [name, values[index] ?? new Float32Array()]));
  }

  write(tensors: TensorMap): Promise<void> {
    for (const [name, values] of tensors) this.upload(name, values);
    return Promise.resolve();
  }

  dispose(): void {
    this.group.dispose();
  }

  private upload(name: string, values: Float32Array): void {
    const place = this.places.get(name);
    if (place === undefined) throw new EngineError('validation', `The parameter store has no tensor ${name}.`);
    if (values.byteLength !== place.bytes) {
      throw new EngineError(
        'validation',
        `The tensor ${name} has ${values.length} elements; ${place.bytes / 4} belong there.`,
      );
    }
    const { buffer, byteOffset, byteLength } = values;
    this.device.queue.writeBuffer(this.chunk(place.chunk), place.offset, buffer, byteOffset, byteLength);
  }

  private chunk(index: number): GPUBuffer {
    const buffer = this.chunks[index];
    if (buffer === undefined) throw new Error(`The parameter store has no buffer ${index}.`);
    return buffer;
  }
}
