import type { TuningTarget } from '../../adapter-class';
import type { Kernel } from '../../kernels/kernel';
import { storedAs, type Contest, type OpTuning, type TaskStorage } from '../tunable';
import { matrixOf } from '../operation';
import { matmulCandidates } from './candidates';
import {
  defaultVariant,
  linearBackwardInput,
  linearBackwardWeight,
  linearForward,
  type LinearPass,
  type LinearShape,
} from './kernels';
import { variantName, type MatmulVariant } from './matmul-problem';
import type { LinearNode } from './node';

/** One product of a linear layer. */
export interface LinearTask {
  readonly op: 'linear';
  readonly pass: LinearPass;
  readonly shape: LinearShape;
  /** Default: all in f32. */
  readonly storage?: TaskStorage;
}

/** Of `KernelChoice`. */
export interface LinearChoice {
  /** Variant for a pass of a linear layer of this shape; absent: the portable default. */
  readonly linear?: (pass: LinearPass, shape: LinearShape) => MatmulVariant;
}

/** The variant that a choice gives for a product. */
export function linearVariant({ linear }: LinearChoice, pass: LinearPass, shape: LinearShape): MatmulVariant {
  return linear?.(pass, shape) ?? defaultVariant;
}

export const linearTuning: OpTuning<LinearNode, LinearTask, LinearChoice> = {
  tasks(node, { shapeOf, storageOf, training }) {
    const [rows, inner] = matrixOf(shapeOf(node.x), 'the x of linear');
    const [columns] = matrixOf(shapeOf(node.weight), 'the weight of linear');
    const storage = { x: storageOf(node.x), y: storageOf(node.y) };
    const passes: readonly LinearPass[] = training ? ['forward', 'input', 'weight'] : ['forward'];
    return passes.map((pass) => ({ op: 'linear', pass, shape: { rows, inner, columns }, storage }));
  },

  name,

  work: ({ shape: { rows, inner, columns } }) => rows * inner * columns,

  contest,

  chosen: (choice, { pass, shape }) => variantName(linearVariant(choice, pass, shape)),

  choice: (target, names) => ({
    linear: (pass, shape) => {
      const wanted = names.get(name({ pass, shape }));
      const candidates = matmulCandidates(target, pass, shape);
      return candidates.find((variant) => variantName(variant) === wanted) ?? candidates[0] ?? defaultVariant;
    },
  }),
};

function name({ pass, shape: { rows, inner, columns } }: Pick<LinearTask, 'pass' | 'shape'>): string {
  return `${pass} ${rows}x${inner}x${columns}`;
}

function contest(target: TuningTarget, task: LinearTask): Omit<Contest, 'name'> {
  const { storage = { x: 'f32', y: 'f32' } } = task;
  const { rows, inner, columns } = task.shape;
  const x = { elements: rows * inner, storage: storage.x };
  const weight = { elements: columns * inner, storage: 'f32' } as const;
  const y = { elements: rows * columns, storage: storage.y };
  const [left, right, result] = {
    forward: [x, weight, y] as const,
    input: [y, weight, x] as const,
    weight: [y, x, weight] as const,
  }[task.pass];
  const entrants = matmulCandidates(target, task.pass, task.shape).map((variant) => ({
    name: variantName(variant),
    steps: [[taskKernel(task, variant), 'left', 'right', 'result']] as const,
  }));
  return { details: storedAs(storage), buffers: { left, right, result }, entrants };
}

/** The kernel of a task without bias and activation, which cost all variants the same. */
export function taskKernel({ pass, shape }: Pick<LinearTask, 'pass' | 'shape'>, variant: MatmulVariant): Kernel {
  switch (pass) {
    case 'forward':
      return linearForward(shape, { bias: false, residual: false, activation: 'none', saveDerivative: false }, variant);
    case 'input':
      return linearBackwardInput(shape, { accumulate: false, derivative: false }, variant);
    case 'weight':
      return linearBackwardWeight(shape, { bias: false, accumulate: false }, variant);
    default:
      return pass satisfies never;
  }
}

/** The variants that a choice gives for the products among some tasks, each once. */
export function usedProducts(
  choice: LinearChoice,
  tasks: readonly { readonly op: string }[],
): Readonly<Record<LinearPass, readonly MatmulVariant[]>> {
  const used = (wanted: LinearPass): readonly MatmulVariant[] => {
    const variants = tasks.filter(isProduct).flatMap(({ pass, shape }) => {
      return pass === wanted ? [linearVariant(choice, pass, shape)] : [];
    });
    return [...new Map(variants.map((variant) => [variantName(variant), variant])).values()];
  };
  return { forward: used('forward'), input: used('input'), weight: used('weight') };
}

function isProduct(task: { readonly op: string }): task is LinearTask {
  return task.op === 'linear';
}
