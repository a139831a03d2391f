/** What a graph computes with: its values and the parameters among them. Matrices are row-major. */

/** Index of a value in `Graph.values`. */
export type ValueId = number;

export type DType = 'f32' | 'i32' | 'u8';

/** `input`: uploaded per run. `parameter`: lives in a `ParameterStore`. `activation`: computed by exactly one node. */
export type ValueKind = 'input' | 'parameter' | 'activation';

export interface Value {
  readonly id: ValueId;
  readonly kind: ValueKind;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Inputs: the key under which data is passed. Parameters: the joined name. Activations: for messages only. */
  readonly name: string;
}

/** One tensor of the checkpoint inside a parameter. */
export interface ParameterPart {
  /** Name in the checkpoint, e.g. `text_model.encoder.layers.0.self_attn.q_proj.weight`. */
  readonly name: string;
  /** Shape in the checkpoint. */
  readonly shape: readonly number[];
}

/**
 * A parameter is one or several checkpoint tensors, concatenated in order along the first axis (the query, key and value
 * projections of a block form one `[3 * width, width]` parameter, so that one matmul serves all three).
 */
export interface ParameterSpec {
  readonly value: ValueId;
  readonly shape: readonly number[];
  readonly parts: readonly ParameterPart[];
  /**
   * Whether it is a state: no tensor of the checkpoint, but what a run leaves to the next, such as the keys and values of earlier tokens. It lies
   * in the store beside the weights, where all graphs that name it share it, and is zero until a node writes to it (`Operation.writes`).
   */
  readonly state?: true;
}

/** Number of elements of a shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
