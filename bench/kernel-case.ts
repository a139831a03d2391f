import type * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../src/engine/kernels/kernel';

/** Kernels that do one thing at one shape in several ways. */
export interface KernelCase {
  readonly kernel: string;
  readonly shape: string;
  readonly flops: number;
  readonly bytes: number;
  readonly variants: readonly { readonly name: string; readonly kernels: readonly Kernel[] }[];
  /** What bindings of these names hold, where that decides what is done; others hold numbers from 0 to 1. */
  readonly contents?: Readonly<Record<string, Float32Array<ArrayBuffer>>>;
  /** The same with TensorFlow.js; null where it has no kernels for it. Gives what to run, with its inputs in place. */
  readonly stock: (() => () => tf.Tensor | tf.Tensor[]) | null;
}
