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
import { EngineError, type TensorMap, type TrainerOptions } from '../executor';
import { elementCount, type ParameterSpec } from '../graph/ir';
import { progressEntries, readProgress } from '../trainer-state';
import { Moments } from './moments';
import type { TfjsStore } from './store';

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
  readState(): Promise<Map<string, Float32Array>>;
  /** @throws EngineError `validation` where an entry is missing, not known or of another length */
  writeState(state: TensorMap): void;
  dispose(): void;
}

/** Factors of one update, all scalars. */
type UpdateRates = {
  /** Learning rate over Adam's first bias correction. */
  readonly step: Tensor;
  /** Inverse square root of Adam's second bias correction. */
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
    const rates = tidy((): UpdateRates => {
      if (optimizer.type === 'sgd') return { step: scalar(learningRate), inverseRoot: scalar(1) };
      const { beta1, beta2 } = optimizer;
      return {
        step: div(learningRate, biasCorrection(beta1, this.steps)),
        inverseRoot: div(1, sqrt(biasCorrection(beta2, this.steps))),
      };
    });
    this.parameters.forEach((parameter, index) => {
      const gradient = gradients[index];
      if (gradient === undefined) throw new Error('The optimizer was given too few gradients.');
      const clipped = maxGradNorm === null ? gradient : mul(gradient, factor);
      this.updateOne(parameter, index, clipped, taken, rates, learningRate);
    });
    dispose([factor, taken, rates.step, rates.inverseRoot]);
    return norm;
  }

  async readState(): Promise<Map<string, Float32Array>> {
    const [steps = NaN] = await this.steps.data();
    return new Map([...(await this.moments.read()), ...progressEntries({ steps, lossScaling: null })]);
  }

  writeState(state: TensorMap): void {
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
    rates: UpdateRates,
    learningRate: number,
  ): void {
    const { spec, weightDecay, clamp } = parameter;
    const moments = this.moments.of(index);
    const before = this.store.tensor(spec.parts);
    const [value, ...renewed] = tidy(() => {
      const [updated, ...state] = this.rule(before, gradient, moments, weightDecay, rates, learningRate);
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
    rates: UpdateRates,
    learningRate: number,
  ): [Tensor, ...Tensor[]] {
    const { optimizer } = this.options;
    // Decoupled decay shrinks the weight (Loshchilov and Hutter 2019, arXiv 1711.05101), the others add to the gradient.
    const decoupled = optimizer.type === 'adamw';
    const g = decoupled || weightDecay === 0 ? gradient : add(gradient, mul(p, weightDecay));
    const start = decoupled ? mul(p, 1 - learningRate * weightDecay) : p;
    if (optimizer.type === 'sgd') {
      const [buffer] = moments;
      if (buffer === undefined) return [sub(start, mul(g, rates.step))];
      const renewed = add(mul(buffer, optimizer.momentum), g);
      const direction = optimizer.nesterov ? add(g, mul(renewed, optimizer.momentum)) : renewed;
      return [sub(start, mul(direction, rates.step)), renewed];
    }
    const { beta1, beta2, epsilon } = optimizer;
    const [first, second] = moments;
    if (first === undefined || second === undefined) throw new Error('Adam was given no moments.');
    const m = add(mul(first, beta1), mul(g, 1 - beta1));
    const v = add(mul(second, beta2), mul(square(g), 1 - beta2));
    const spread = add(mul(sqrt(v), rates.inverseRoot), epsilon);
    return [sub(start, mul(div(m, spread), rates.step)), m, v];
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
