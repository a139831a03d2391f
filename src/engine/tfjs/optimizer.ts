import {
  add,
  addN,
  clipByValue,
  dispose,
  div,
  isFinite,
  logicalAnd,
  minimum,
  mul,
  reshape,
  scalar,
  sqrt,
  square,
  sub,
  sum,
  tensor,
  tidy,
  where,
  zeros,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { EngineError, type StepScalars, type TensorMap, type TrainerOptions } from '../executor';
import { elementCount, type ParameterSpec } from '../graph/ir';
import { joinParts, splitParts, type TfjsStore } from './store';

/** Names of an optimizer's moments, as PyTorch's `state_dict` calls them. */
export function momentNames(options: TrainerOptions['optimizer']): readonly string[] {
  if (options.type === 'sgd') return options.momentum === 0 ? [] : ['momentum_buffer'];
  return ['exp_avg', 'exp_avg_sq'];
}

/** What an optimizer needs to know of one parameter. */
export interface OptimizedParameter {
  readonly spec: ParameterSpec;
  readonly weightDecay: number;
  readonly clamp: readonly [min: number, max: number] | null;
}

/**
 * Weight decay and clamp of each trainable parameter.
 * @throws EngineError where the tensors that form one parameter are to be treated differently
 */
export function optimizedParameters(specs: readonly ParameterSpec[], options: TrainerOptions): OptimizedParameter[] {
  return specs.map((spec) => {
    const names = spec.parts.map(({ name }) => name);
    const spared = names.filter((name) => options.noDecay.has(name)).length;
    if (spared !== 0 && spared !== names.length) {
      throw new EngineError(
        'validation',
        `Weight decay must be the same for ${names.join(', ')}: they form one parameter.`,
      );
    }
    const clamped = names.filter((name) => name in options.clamp);
    const [name] = clamped;
    if (name !== undefined && names.length !== 1) {
      throw new EngineError(
        'validation',
        `"${name}" cannot be clamped: it forms one parameter with ${names.join(', ')}.`,
      );
    }
    const clamp = name === undefined ? null : (options.clamp[name] ?? null);
    return { spec, weightDecay: spared === 0 ? options.weightDecay : 0, clamp };
  });
}

/** Updates parameters from gradients as `torch.optim` does. Owns the moments. */
export interface TfjsOptimizer {
  /** Bytes of all moments. */
  readonly bytes: number;
  /**
   * Clips, updates, clamps. Where the loss or the gradients' norm is not finite nothing is changed. Gradients are in the order of the parameters; they
   * and the loss, a scalar, stay the caller's.
   * @returns the global norm before clipping, a scalar that the caller disposes of
   */
  update(gradients: readonly Tensor[], loss: Tensor, scalars: StepScalars): Tensor;
  /** Moments under `name.moment`, e.g. `logit_scale.exp_avg`. */
  readState(): Promise<Map<string, Float32Array>>;
  writeState(state: TensorMap): void;
  dispose(): void;
}

/** The optimizers written with TensorFlow.js ops. */
export class ComposedOptimizer implements TfjsOptimizer {
  /** By parameter, in the order of `momentNames`. */
  private readonly moments: Tensor[][];

  constructor(
    private readonly parameters: readonly OptimizedParameter[],
    private readonly store: TfjsStore,
    private readonly options: TrainerOptions,
  ) {
    const names = momentNames(options.optimizer);
    this.moments = parameters.map(({ spec }) => names.map(() => zeros([...spec.shape])));
  }

  get bytes(): number {
    return this.moments.flat().reduce((total, { size }) => total + 4 * size, 0);
  }

  update(gradients: readonly Tensor[], loss: Tensor, scalars: StepScalars): Tensor {
    const { maxGradNorm } = this.options;
    const norm = tidy(() => sqrt(addN(gradients.map((gradient) => sum(square(gradient))))));
    const factor = tidy(() => (maxGradNorm === null ? scalar(1) : minimum(div(maxGradNorm, add(norm, 1e-6)), 1)));
    // Chosen on the device, since reading values back would make a GPU wait.
    const taken = tidy(() => logicalAnd(isFinite(norm), isFinite(reshape(loss, []))));
    this.parameters.forEach((parameter, index) => {
      const gradient = gradients[index];
      if (gradient === undefined) throw new Error('The optimizer was given too few gradients.');
      this.updateOne(parameter, index, maxGradNorm === null ? gradient : mul(gradient, factor), taken, scalars);
    });
    dispose([factor, taken]);
    return norm;
  }

  /** Moments of one parameter, in the order of `momentNames`. */
  momentsOf(index: number): readonly Tensor[] {
    return this.moments[index] ?? [];
  }

  async readState(): Promise<Map<string, Float32Array>> {
    const state = new Map<string, Float32Array>();
    const names = momentNames(this.options.optimizer);
    for (const [index, { spec }] of this.parameters.entries()) {
      for (const [at, moment] of (this.moments[index] ?? []).entries()) {
        const parts = splitParts(spec.parts, (await moment.data()) as Float32Array);
        for (const [name, data] of parts) state.set(`${name}.${names[at] ?? ''}`, data);
      }
    }
    return state;
  }

  writeState(state: TensorMap): void {
    const names = momentNames(this.options.optimizer);
    this.parameters.forEach(({ spec }, index) => {
      const renewed = names.map((moment) => {
        const parts = spec.parts.map(({ name, shape }) => ({ name: `${name}.${moment}`, shape }));
        return tensor(joinParts(parts, state, 'optimizer state'), [...spec.shape], 'float32');
      });
      dispose(this.moments[index] ?? []);
      this.moments[index] = renewed;
    });
  }

  dispose(): void {
    dispose(this.moments.flat());
  }

  /** @param taken a boolean scalar: whether anything changes */
  private updateOne(
    parameter: OptimizedParameter,
    index: number,
    gradient: Tensor,
    taken: Tensor,
    scalars: StepScalars,
  ): void {
    const { spec, weightDecay, clamp } = parameter;
    const moments = this.moments[index] ?? [];
    const before = this.store.tensor(spec.parts);
    const [value, ...renewed] = tidy(() => {
      const [updated, ...state] = this.rule(before, gradient, moments, weightDecay, scalars);
      const clamped = clamp === null ? updated : clipByValue(updated, ...clamp);
      return [where(taken, clamped, before), ...state.map((moment, at) => where(taken, moment, moments[at] ?? moment))];
    });
    if (value === undefined) throw new Error('The optimizer computed nothing.');
    dispose(moments);
    this.moments[index] = renewed;
    this.store.replace(spec.parts, value);
    if (this.options.maxGradNorm !== null) gradient.dispose();
  }

  /** The new value, then the new moments. */
  private rule(
    p: Tensor,
    gradient: Tensor,
    moments: readonly Tensor[],
    weightDecay: number,
    { step, learningRate }: StepScalars,
  ): [Tensor, ...Tensor[]] {
    const { optimizer } = this.options;
    // Decoupled decay shrinks the weight (Loshchilov and Hutter 2019, arXiv 1711.05101), the others add to the gradient.
    const decoupled = optimizer.type === 'adamw';
    const g = decoupled || weightDecay === 0 ? gradient : add(gradient, mul(p, weightDecay));
    const start = decoupled ? mul(p, 1 - learningRate * weightDecay) : p;
    if (optimizer.type === 'sgd') {
      const [buffer] = moments;
      if (buffer === undefined) return [sub(start, mul(g, learningRate))];
      const renewed = add(mul(buffer, optimizer.momentum), g);
      const direction = optimizer.nesterov ? add(g, mul(renewed, optimizer.momentum)) : renewed;
      return [sub(start, mul(direction, learningRate)), renewed];
    }
    const { beta1, beta2, epsilon } = optimizer;
    const [first, second] = moments;
    if (first === undefined || second === undefined) throw new Error('Adam was given no moments.');
    const m = add(mul(first, beta1), mul(g, 1 - beta1));
    const v = add(mul(second, beta2), mul(square(g), 1 - beta2));
    const spread = add(mul(sqrt(v), 1 / Math.sqrt(1 - beta2 ** step)), epsilon);
    return [sub(start, mul(div(m, spread), learningRate / (1 - beta1 ** step))), m, v];
  }
}

/** Parameters of the graph that are trained, in a fixed order. */
export function trainableSpecs(specs: readonly ParameterSpec[], trainable: ReadonlySet<number>): ParameterSpec[] {
  return specs.filter(({ value }) => trainable.has(value));
}

/** Elements of all given parameters. */
export function parameterElements(specs: readonly ParameterSpec[]): number {
  return specs.reduce((total, { shape }) => total + elementCount(shape), 0);
}
