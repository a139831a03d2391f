import {
  add,
  addN,
  cast,
  clipByValue,
  dispose,
  div,
  isFinite,
  logicalAnd,
  maximum,
  minimum,
  mul,
  neg,
  reshape,
  scalar,
  sqrt,
  square,
  sub,
  sum,
  tidy,
  where,
  type Tensor,
} from '@tensorflow/tfjs-core';
import type { TensorMap, TrainerOptions } from '../executor';
import { elementCount, type ParameterSpec } from '../graph/value';
import { updateSettings, type UpdateSettings } from '../parameter-groups';
import { progressEntries, readProgress } from '../trainer-state';
import { Moments } from './moments';
import type { TfjsStore } from './store';

/** What an optimizer needs to know of one parameter. */
export interface OptimizedParameter extends UpdateSettings {
  readonly spec: ParameterSpec;
}

/** @throws EngineError where the tensors that form one parameter are to be treated differently */
export function optimizedParameters(specs: readonly ParameterSpec[], options: TrainerOptions): OptimizedParameter[] {
  return specs.map((spec) => ({ spec, ...updateSettings(spec, options) }));
}

/** Updates parameters from gradients as `torch.optim` does. Owns the moments, and counts the steps that it takes. */
export interface TfjsOptimizer {
  /** Bytes of all moments. */
  readonly bytes: number;
  /**
   * Clips, updates, clamps. Where the loss or the gradients' norm is not finite nothing is changed or counted. Gradients are in the order of the parameters; they
   * and the loss, a scalar, stay the caller's.
   * @returns the global norm before clipping, a scalar that the caller disposes of
   */
  update(gradients: readonly Tensor[], loss: Tensor, learningRate: number): Tensor;
  /** Moments and count by entry. */
  snapshot(): Promise<Map<string, Float32Array>>;
  /** @throws EngineError `validation` where an entry is missing, not known or of another length */
  restore(state: TensorMap): void;
  dispose(): void;
}

/** Adam's bias corrections of one update, both scalars; 1 for others. */
type Corrections = {
  readonly firstCorrection: Tensor;
  /** Inverse square root of the second. */
  readonly inverseRoot: Tensor;
};

/**
 * `1 - beta^steps` with all the digits of float32, as `finishStep` computes it: with x the logarithm of the power, the series of `1 - e^y` for
 * y = x / 64, doubled six times by `1 - e^2y = c (2 - c)`.
 */
function biasCorrection(beta: number, steps: Tensor): Tensor {
  const y = div(maximum(mul(steps, Math.max(Math.log(beta), -1e3)), -20), 64);
  let c: Tensor = scalar(1);
  for (let term = 7; term > 1; term--) c = add(1, mul(div(y, term), c));
  c = mul(neg(y), c);
  for (let doubled = 0; doubled < 6; doubled++) c = mul(c, sub(2, c));
  return c;
}

/** The optimizers written with TensorFlow.js ops. */
export class ComposedOptimizer implements TfjsOptimizer {
  private readonly moments: Moments;
  /** Steps taken. On the device, since whether one is taken is told there. */
  private steps: Tensor = scalar(0);

  constructor(
    private readonly parameters: readonly OptimizedParameter[],
    private readonly store: TfjsStore,
    private readonly options: TrainerOptions,
  ) {
    this.moments = new Moments(
      parameters.map(({ spec }) => spec),
      options.optimizer,
    );
  }

  get bytes(): number {
    return this.moments.bytes;
  }

  update(gradients: readonly Tensor[], loss: Tensor, learningRate: number): Tensor {
    const { maxGradNorm, optimizer } = this.options;
    const norm = tidy(() => sqrt(addN(gradients.map((gradient) => sum(square(gradient))))));
    const factor = tidy(() => (maxGradNorm === null ? scalar(1) : minimum(div(maxGradNorm, add(norm, 1e-6)), 1)));
    // Chosen on the device, since reading values back would make a GPU wait.
    const taken = tidy(() => logicalAnd(isFinite(norm), isFinite(reshape(loss, []))));
    this.countTo(tidy(() => add(this.steps, cast(taken, 'float32'))));
    const corrections = tidy((): Corrections => {
      if (optimizer.type === 'sgd') return { firstCorrection: scalar(1), inverseRoot: scalar(1) };
      const { beta1, beta2 } = optimizer;
      return {
        firstCorrection: biasCorrection(beta1, this.steps),
        inverseRoot: div(1, sqrt(biasCorrection(beta2, this.steps))),
      };
    });
    this.parameters.forEach((parameter, index) => {
      const gradient = gradients[index];
      if (gradient === undefined) throw new Error('The optimizer was given too few gradients.');
      const clipped = maxGradNorm === null ? gradient : mul(gradient, factor);
      this.updateOne(parameter, index, clipped, taken, corrections, learningRate);
    });
    dispose([factor, taken, corrections.firstCorrection, corrections.inverseRoot]);
    return norm;
  }

  async snapshot(): Promise<Map<string, Float32Array>> {
    const [steps = NaN] = await this.steps.data();
    return new Map([...(await this.moments.read()), ...progressEntries({ steps, lossScaling: null })]);
  }

  restore(state: TensorMap): void {
    const { steps } = readProgress(state, this.moments.lengths(), false);
    this.moments.write(state);
    this.countTo(scalar(steps));
  }

  dispose(): void {
    this.moments.dispose();
    this.steps.dispose();
  }

  private countTo(steps: Tensor): void {
    this.steps.dispose();
    this.steps = steps;
  }

  /** @param taken a boolean scalar: whether anything changes */
  private updateOne(
    parameter: OptimizedParameter,
    index: number,
    gradient: Tensor,
    taken: Tensor,
    corrections: Corrections,
    learningRate: number,
  ): void {
    const { spec, rateFactor, weightDecay, clamp } = parameter;
    const rate = learningRate * rateFactor;
    const moments = this.moments.of(index);
    const before = this.store.tensor(spec.parts);
    const [value, ...renewed] = tidy(() => {
      const [updated, ...state] = this.rule(before, gradient, moments, weightDecay, corrections, rate);
      const clamped = clamp === null ? updated : clipByValue(updated, ...clamp);
      return [where(taken, clamped, before), ...state.map((moment, at) => where(taken, moment, moments[at] ?? moment))];
    });
    if (value === undefined) throw new Error('The optimizer computed nothing.');
    this.moments.replace(index, renewed);
    this.store.replace(spec.parts, value);
    if (this.options.maxGradNorm !== null) gradient.dispose();
  }

  /** The new value, then the new moments. */
  private rule(
    p: Tensor,
    gradient: Tensor,
    moments: readonly Tensor[],
    weightDecay: number,
    { firstCorrection, inverseRoot }: Corrections,
    rate: number,
  ): [Tensor, ...Tensor[]] {
    const { optimizer } = this.options;
    // Decoupled decay shrinks the weight (Loshchilov and Hutter 2019, arXiv 1711.05101), the others add to the gradient.
    const decoupled = optimizer.type === 'adamw';
    const g = decoupled || weightDecay === 0 ? gradient : add(gradient, mul(p, weightDecay));
    const start = decoupled ? mul(p, 1 - rate * weightDecay) : p;
    if (optimizer.type === 'sgd') {
      const [buffer] = moments;
      if (buffer === undefined) return [sub(start, mul(g, rate))];
      const renewed = add(mul(buffer, optimizer.momentum), g);
      const direction = optimizer.nesterov ? add(g, mul(renewed, optimizer.momentum)) : renewed;
      return [sub(start, mul(direction, rate)), renewed];
    }
    const { beta1, beta2, epsilon } = optimizer;
    const [first, second] = moments;
    if (first === undefined || second === undefined) throw new Error('Adam was given no moments.');
    const m = add(mul(first, beta1), mul(g, 1 - beta1));
    const v = add(mul(second, beta2), mul(square(g), 1 - beta2));
    const spread = add(mul(sqrt(v), inverseRoot), epsilon);
    return [sub(start, mul(div(m, spread), div(rate, firstCorrection))), m, v];
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
