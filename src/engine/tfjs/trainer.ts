import { concat, dispose, reshape, tidy, type Tensor } from '@tensorflow/tfjs-core';
import type { InputData, StepReading, StepScalars, TensorMap, Trainer, TrainerOptions } from '../executor';

import type { TrainingProgram } from '../graph/differentiate';
import type { ParameterSpec } from '../graph/ir';
import { gradientComputation, type GradientComputation } from './gradients';
import type { Ledger } from './ledger';
import { parameterElements, trainableSpecs, type TfjsOptimizer } from './optimizer';
import type { OpRules } from './rule';
import { splitParts, type TfjsStore } from './store';

/** Steps whose readings may be on their way before `step` waits for the oldest. */
const STEPS_IN_FLIGHT = 2;

/** The training step interpreted node by node, without TensorFlow.js' tape. */
export class TfjsTrainer implements Trainer {
  private readonly computation: GradientComputation;
  private readonly trained: readonly ParameterSpec[];
  private pending: Promise<StepReading>[] = [];
  private finished: StepReading[] = [];

  /** @param activate makes the executor's backend the current one */
  constructor(
    program: TrainingProgram,
    store: TfjsStore,
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
    this.computation = gradientComputation({ program, trained, rules, store, options, afterStep });
  }

  async step(inputs: InputData, scalars: StepScalars): Promise<void> {
    this.activate();
    const { loss, gradients } = this.computation.compute(inputs, scalars.seed);
    this.ledger.setGradients(4 * parameterElements(this.trained));
    const norm = this.optimizer.update(gradients, scalars);
    this.ledger.sample();
    dispose(gradients);
    this.ledger.setGradients(0);
    const both = tidy(() => concat([reshape(loss, [1]), reshape(norm, [1])]));
    dispose([loss, norm]);
    this.pending.push(this.reading(both, scalars.step));
    while (this.pending.length > STEPS_IN_FLIGHT) await this.settleOldest();
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

  readState(): Promise<Map<string, Float32Array>> {
    this.activate();
    return this.optimizer.readState();
  }

  writeState(state: TensorMap): Promise<void> {
    this.activate();
    this.optimizer.writeState(state);
    return Promise.resolve();
  }

  dispose(): void {
    this.activate();
    this.optimizer.dispose();
    this.onDispose();
  }

  private async reading(both: Tensor, step: number): Promise<StepReading> {
    const [loss = NaN, gradNorm = NaN] = await both.data();
    both.dispose();
    return { step, loss, gradNorm };
  }

  private async settleOldest(): Promise<void> {
    const oldest = this.pending.shift();
    if (oldest !== undefined) this.finished.push(await oldest);
  }
}
