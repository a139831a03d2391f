import type * as tf from '@tensorflow/tfjs-core';
import type { Executor, InputData, ParameterStore } from '../src/engine/executor';
import type { Graph } from '../src/engine/graph/ir';
import type { ParameterPart, ParameterSpec } from '../src/engine/graph/value';
import type { Variables } from './stock/model';

/** What a step teaches which model, on both sides of the comparison. */
export interface StepSubject {
  /** Of a store that the graph and what its inputs need fit. */
  readonly parameters: readonly ParameterSpec[];
  /** Every tensor, and its value at the start. */
  readonly parts: readonly ParameterPart[];
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** Names of those that take no weight decay. */
  readonly noDecay: ReadonlySet<string>;
  readonly graph: Graph;
  /** Names of those that Vernier trains. */
  readonly trained: ReadonlySet<string>;
  /** A batch. What lies below the trained layers is computed now: once per sample, it is no part of a step. */
  inputs(executor: Executor, store: ParameterStore): Promise<InputData>;
  /** The same for stock TensorFlow.js; called when its backend is the current one. */
  readonly stock: () => StockSubject;
}

export interface StockSubject {
  /** Names of the tensors that are trained, all of which the loss depends on. */
  readonly trained: ReadonlySet<string>;
  readonly loss: (variables: Variables) => tf.Scalar;
}
