import { elementType, type Attribute, type OnnxNode, type OnnxTensor, type OnnxValue } from './model';

/** Puts a computation of ONNX together, operation by operation. What it adds is known by the name of its value. */
export class OnnxBuilder {
  readonly nodes: OnnxNode[] = [];
  readonly constants: OnnxTensor[] = [];

  /** @returns the name of the result */
  add(type: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    const output = `${type}_${this.nodes.length}`;
    this.nodes.push({ type, inputs, output, attributes });
    return output;
  }

  /** Gives a value another name, such as that of an output. */
  rename(value: string, name: string): void {
    this.nodes.push({ type: 'Identity', inputs: [value], output: name, attributes: {} });
  }

  int64(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.constant('int64', shape, int64Bytes(values));
  }

  /** An input that may be left out: it then has these values. Its extent is its own, since they are fewer than a batch has. */
  defaultOf(name: string, values: readonly number[]): OnnxValue {
    if (!this.constants.some((constant) => constant.name === name))
      this.constants.push({ name, type: 'int64', shape: [values.length], data: int64Bytes(values) });
    return { name, type: 'int64', shape: [`${name}_count`] };
  }

  float(values: readonly number[] | Float32Array, shape: readonly number[] = []): string {
    return this.constant('float32', shape, new Uint8Array(Float32Array.from(values).buffer));
  }

  /** @param extents with -1 for the one that follows from the others, and 0 for one that stays as it is */
  reshape(x: string, extents: readonly number[]): string {
    return this.add('Reshape', [x, this.int64(extents)]);
  }

  transpose(x: string, order: readonly number[]): string {
    return this.add('Transpose', [x], { perm: { ints: order } });
  }

  /** Rows `from … to` along an axis. */
  slice(x: string, axis: number, from: number, to: number): string {
    return this.add('Slice', [x, this.int64([from]), this.int64([to]), this.int64([axis])]);
  }

  cast(x: string, type: 'float32' | 'int64' | 'bool'): string {
    return this.add('Cast', [x], { to: { int: elementType(type) } });
  }

  private constant(type: OnnxTensor['type'], shape: readonly number[], data: Uint8Array): string {
    const name = `constant_${this.constants.length}`;
    this.constants.push({ name, type, shape, data });
    return name;
  }
}

function int64Bytes(values: readonly number[]): Uint8Array {
  return new Uint8Array(new BigInt64Array(values.map(BigInt)).buffer);
}
