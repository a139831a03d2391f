import type * as tf from '@tensorflow/tfjs-core';
import type { EngineDevice } from '../device';
import type { Kernel } from '../kernels/kernel';
import type { KernelTarget } from '../kernels/target';
import type { Activation } from './linear/node';
import type { PixelNormalization } from './patchify/node';

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

/** A tower of transformer blocks. */
export interface BenchTower {
  readonly tokens: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly heads: number;
  readonly activation: Exclude<Activation, 'none'>;
  readonly causal: boolean;
}

/** A training step of a model of pictures and text in plain sizes: what the benchmark cases of an operation are made for. */
export interface BenchStep {
  readonly engine: EngineDevice;
  readonly target: KernelTarget;
  readonly batch: number;
  readonly towers: readonly BenchTower[];
  readonly image: {
    readonly width: number;
    readonly pixels: number;
    readonly patch: number;
    readonly normalization: PixelNormalization;
  };
  readonly text: {
    readonly width: number;
    readonly tokens: number;
    readonly vocabulary: number;
    /** `[batch, tokens]`, most of them shorter than the longest. */
    readonly ids: Int32Array<ArrayBuffer>;
    /** Place of each caption's last token. */
    readonly ends: Int32Array<ArrayBuffer>;
  };
  /** Width of what the losses compare. */
  readonly features: number;
}

/** The benchmark cases of an operation: what a step runs of it, at its shapes and in the variants that the adapter might use. */
export type BenchCases = (step: BenchStep) => readonly KernelCase[];
