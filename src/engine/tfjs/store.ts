import { dispose, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { EngineError, type ParameterStore, type TensorLookup, type TensorMap } from '../executor';
import { elementCount, type ParameterPart, type ParameterSpec } from '../graph/value';

/** A parameter's key in the store: its checkpoint names. Graphs that join tensors alike share the parameter. */
export function parameterKey(parts: readonly ParameterPart[]): string {
  return parts.map(({ name }) => name).join(' | ');
}

/** Cuts the joined data of a parameter into its checkpoint tensors. */
export function splitParts(parts: readonly ParameterPart[], data: Float32Array): Map<string, Float32Array> {
  let at = 0;
  return new Map(parts.map(({ name, shape }) => [name, data.slice(at, (at += elementCount(shape)))]));
}

/** Joins checkpoint tensors into a parameter's data. */
export function joinParts(parts: readonly ParameterPart[], tensors: TensorLookup, what: string): Float32Array {
  const joined = new Float32Array(parts.reduce((sum, { shape }) => sum + elementCount(shape), 0));
  let at = 0;
  for (const { name, shape } of parts) {
    const data = tensors.get(name);
    if (data === undefined) throw new EngineError('validation', `The ${what} lacks the tensor "${name}".`);
    const expected = elementCount(shape);
    if (data.length !== expected) {
      const message = `The tensor "${name}" of the ${what} has ${data.length} elements instead of ${expected}.`;
      throw new EngineError('validation', message);
    }
    joined.set(data, at);
    at += expected;
  }
  return joined;
}

/** Parameters as TensorFlow.js tensors, one per parameter. */
export class TfjsStore implements ParameterStore {
  private readonly tensors = new Map<string, Tensor>();

  /**
   * @param activate makes the executor's backend the current one
   * @param shared whose parameters graphs find here too
   */
  constructor(
    readonly specs: readonly ParameterSpec[],
    data: TensorLookup,
    private readonly activate: () => void,
    private readonly onDispose: () => void,
    private readonly shared: TfjsStore | null = null,
  ) {
    for (const { parts, shape, state } of specs) {
      const empty = state === true && !parts.some(({ name }) => data.has(name));
      const values = empty ? new Float32Array(elementCount(shape)) : joinParts(parts, data, 'model');
      this.tensors.set(parameterKey(parts), tensor(values, [...shape], 'float32'));
    }
  }

  get bytes(): number {
    return [...this.tensors.values()].reduce((sum, { size }) => sum + 4 * size, 0);
  }

  /** The current tensor of a parameter; it may be another after the next update. */
  tensor(parts: readonly ParameterPart[]): Tensor {
    return this.at(parameterKey(parts));
  }

  /** The same by its key. */
  at(key: string): Tensor {
    const held = this.tensors.get(key);
    if (held === undefined && this.shared !== null) return this.shared.at(key);
    if (held === undefined) {
      throw new EngineError('validation', `The graph asks for the parameter "${key}", which the store does not hold.`);
    }
    return held;
  }

  /** Puts a new value in place of the old one, which is disposed of. */
  replace(parts: readonly ParameterPart[], value: Tensor): void {
    this.replaceAt(parameterKey(parts), value);
  }

  /** The same by its key. */
  replaceAt(key: string, value: Tensor): void {
    if (!this.tensors.has(key) && this.shared !== null) return this.shared.replaceAt(key, value);
    this.at(key).dispose();
    this.tensors.set(key, value);
  }

  async read(names?: readonly string[]): Promise<Map<string, Float32Array>> {
    this.activate();
    const wanted = names === undefined ? null : new Set(names);
    const chosen = this.specs.filter(({ parts }) => wanted === null || parts.some(({ name }) => wanted.has(name)));
    const result = new Map<string, Float32Array>();
    for (const { parts } of chosen) {
      const data = (await this.tensor(parts).data()) as Float32Array;
      for (const [name, values] of splitParts(parts, data)) if (wanted?.has(name) ?? true) result.set(name, values);
    }
    for (const name of names ?? []) {
      if (!result.has(name)) throw new EngineError('validation', `The store has no tensor "${name}".`);
    }
    return result;
  }

  async write(tensors: TensorMap): Promise<void> {
    const known = new Set(this.specs.flatMap(({ parts }) => parts.map(({ name }) => name)));
    for (const name of tensors.keys()) {
      if (!known.has(name)) throw new EngineError('validation', `The store has no tensor "${name}".`);
    }
    for (const { parts, shape } of this.specs) {
      if (!parts.some(({ name }) => tensors.has(name))) continue;
      const missing = parts.filter(({ name }) => !tensors.has(name)).map(({ name }) => name);
      const current = missing.length === 0 ? new Map<string, Float32Array>() : await this.read(missing);
      const data = joinParts(parts, new Map([...current, ...tensors]), 'update');
      this.activate();
      this.replace(parts, tensor(data, [...shape], 'float32'));
    }
  }

  dispose(): void {
    dispose([...this.tensors.values()]);
    this.tensors.clear();
    this.onDispose();
  }
}
