/**
 * The graph: a model's computation as plain data, in a few large operations with static shapes.
 *
 * A graph is built once per shape (`GraphBuilder`), differentiated once (`differentiate`) and handed to an executor
 * (`engine/executor.ts`), which turns it into TensorFlow.js calls or into a recorded list of WebGPU dispatches. Because every
 * shape is known, the executor can plan memory and dispatches before the first step.
 *
 * Token sequences are flattened to `[batch * tokens, width]`.
 */

import type { GraphNode } from '../ops';
import type { ParameterSpec, Value, ValueId } from './value';

/** Nodes are in execution order: each reads only inputs, parameters and values of earlier nodes. */
export interface Graph {
  readonly values: readonly Value[];
  readonly nodes: readonly GraphNode[];
  readonly parameters: readonly ParameterSpec[];
  /** Results by name. */
  readonly outputs: Readonly<Record<string, ValueId>>;
}
