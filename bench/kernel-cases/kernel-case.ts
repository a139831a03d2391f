import type * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../../src/engine/kernels/kernel';

/** What a binding holds to begin with, or how many numbers from 0 to 1. */
export type BindingContents =
  Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Uint8Array<ArrayBuffer> | number;

/** Kernels that do one thing at one shape in several ways. */
export interface KernelCase {
  readonly kernel: string;
  readonly shape: string;
  /** Floating-point operations, and bytes that must be read and written at least. */
  readonly flops: number;
  readonly bytes: number;
  readonly variants: readonly { readonly name: string; readonly kernels: readonly Kernel[] }[];
  /**
   * Contents of bindings of these names, where they decide what is done or how large the binding is. Others hold numbers from 0 to 1, as
   * many as their declaration says or as the kernel moves in all.
   */
  readonly contents?: Readonly<Record<string, BindingContents>>;
  /** Bindings that the plan zeroes before the kernels run; that is part of the figure. */
  readonly cleared?: readonly string[];
  /** The same with TensorFlow.js; null where it has no kernels for it. Gives what to run, with its inputs in place. */
  readonly stock: (() => () => tf.Tensor | tf.Tensor[]) | null;
}
