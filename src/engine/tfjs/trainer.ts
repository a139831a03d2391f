import { clone, concat, dispose, reshape, tidy, type Tensor } from '@tensorflow/tfjs-core';
import type { InputData, StepReading, StepScalars, TensorMap, Trainer, TrainerOptions } from '../executor';

import type { TrainingProgram } from '../graph/differentiate';
import type { ParameterSpec } from '../graph/value';
import { batchLossOf } from '../graph/loss';
import { gradientComputation, type GradientComputation } from './gradients';
import type { Ledger } from './ledger';
import { parameterElements, trainableSpecs, type TfjsOptimizer } from './optimizer';
import type { OpRules } from './rule';
import { splitParts, type TfjsStore } from './store';

/** Steps whose readings may be on their way before `step` waits for the oldest. */
const stepsInFlight = 2;

/** The training step interpreted node by node, without TensorFlow.js' tape. */
export class TfjsTrainer implements Trainer {
  private readonly computation: GradientComputation;
  private readonly trained: readonly ParameterSpec[];
  /** The parameter that scales a contrastive loss; null where there is none. */
  private readonly logitScale: ParameterSpec | null;
  private pending: Promise<StepReading>[] = [];
  private finished: StepReading[] = [];

  /** @param activate makes the executor's backend the current one */
  constructor(
    program: TrainingProgram,
    private readonly store: TfjsStore,
    private readonly optimizer: TfjsOptimizer,
    rules: OpRules,
    options: TrainerOptions,
    private readonly ledger: Ledger,
    private readonly activate: () => void,
    private readonly onDispose: () => void,
  ) {
    const trained = trainableSpecs(program.graph.parameters, program.trainable);
    const afterStep = (): void => ledger.sample();
    this.trained = trained;
    const scale = batchLossOf(program)?.logScale ?? null;
    this.logitScale = program.graph.parameters.find(({ value }) => value === scale) ?? null;
    this.computation = gradientComputation({ program, trained, rules, store, options, afterStep });
  }

  async step(inputs: InputData, scalars: StepScalars): Promise<void> {
    this.activate();
    const { loss, gradients } = this.computation.compute(inputs, scalars.seed);
    const before = this.lossAndScale(loss);
    this.ledger.setGradients(4 * parameterElements(this.trained));
    const norm = this.optimizer.update(gradients, loss, scalars.learningRate);
    this.ledger.sample();
    dispose([loss, ...gradients]);
    this.ledger.setGradients(0);
    const values = tidy(() => concat([before, reshape(norm, [1])]));
    dispose([before, norm]);
    this.pending.push(this.reading(values, scalars.step));
    while (this.pending.length > stepsInFlight) await this.settleOldest();
  }

  async readings(drain: boolean): Promise<readonly StepReading[]> {
    while (drain && this.pending.length > 0) await this.settleOldest();
    const result = this.finished;
    this.finished = [];
    return result;
  }

  async gradients(inputs: InputData, seed: number): Promise<{ loss: number; gradients: Map<string, Float32Array> }> {
    this.activate();
    const { loss, gradients } = this.computation.compute(inputs, seed);
    const [lossData, ...data] = await Promise.all([loss, ...gradients].map((value) => value.data()));
    dispose([loss, ...gradients]);
    const byName = this.trained.flatMap(({ parts }, index) => [...splitParts(parts, data[index] as Float32Array)]);
    return { loss: lossData?.[0] ?? NaN, gradients: new Map(byName) };
  }

  snapshot(): Promise<Map<string, Float32Array>> {
    this.activate();
    return this.optimizer.snapshot();
  }

  restore(state: TensorMap): Promise<void> {
    this.activate();
    return new Promise((resolve) => {
      this.optimizer.restore(state);
      resolve();
    });
  }

  dispose(): void {
    this.activate();
    this.optimizer.dispose();
    this.onDispose();
  }

  /** Loss and, where there is one, the log of its scale; copied, since an update may change parameters in place. */
  private lossAndScale(loss: Tensor): Tensor {
    const { logitScale, store } = this;
    return tidy(() => {
      const first = reshape(loss, [1]);
      return logitScale === null ? clone(first) : concat([first, reshape(store.tensor(logitScale.parts), [1])]);
    });
  }

  private async reading(values: Tensor, step: number): Promise<StepReading> {
    const data = await values.data();
    values.dispose();
    const [loss = NaN, logScale = NaN] = data;
    const gradNorm = data[data.length - 1] ?? NaN;
    return { step, loss, gradNorm, ...(this.logitScale === null ? {} : { logitScale: Math.exp(logScale) }) };
  }

  private async settleOldest(): Promise<void> {
    const oldest = this.pending.shift();
    if (oldest !== undefined) this.finished.push(await oldest);
  }
}
