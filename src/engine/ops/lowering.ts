import type { BackwardStep } from '../graph/differentiate';
import type { ValueId } from '../graph/value';
import type { KernelTarget } from '../kernels/target';
import type { BackwardLowering } from '../webgpu/lower-backward';
import type { Lowering } from '../webgpu/lowering';
import type { NodeBase, ShapeOf } from './operation';

/** How an operation becomes WebGPU dispatches. */
export interface OpLowering<N extends NodeBase> {
  /** Whether `forward` leaves more than the result to `backward`. */
  saves(node: N): boolean;
  /** Records the dispatches of a node. With `save`, what its backward pass needs is kept (`Lowering.keep`). */
  forward(lowering: Lowering, node: N, save: boolean): void;
  /** Records the gradients that a step owes, into where `pass` says. */
  backward(pass: BackwardLowering, step: StepOf<N>): void;
  /** Shapes of the partial sums that `backward` asks `GradientSinks.partialSums` for, to make room for them. */
  partialSums?(
    node: N,
    wanted: ReadonlySet<ValueId>,
    shapeOf: ShapeOf,
    target: KernelTarget,
  ): { readonly slices: number; readonly stride: number } | null;
}

/** A backward step of one operation. */
export type StepOf<N extends NodeBase> = Omit<BackwardStep, 'node'> & { readonly node: N };
