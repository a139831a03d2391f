import { concat, dispose, reshape, tidy, type Tensor } from '@tensorflow/tfjs-core';
import type { InputData, StepReading, StepScalars, TensorMap, Trainer } from '../executor';
import type { TrainingProgram } from '../graph/differentiate';
import type { ParameterSpec } from '../graph/ir';
import type { Ledger } from './ledger';
import { parameterElements, trainableSpecs, type TfjsOptimizer } from './optimizer';
import type { OpRules } from './rule';
import { GraphRun, schedule, type Schedule } from './run';
import { splitParts, type TfjsStore } from './store';

/** Steps whose readings may be on their way before `step` waits for the oldest. */
const STEPS_IN_FLIGHT = 2;

/** The training step interpreted node by node, without TensorFlow.js' tape. */
export class TfjsTrainer implements Trainer {
  private readonly plan: Schedule;
  private readonly trained: readonly ParameterSpec[];
  private readonly parts: ReadonlyMap<number, ParameterSpec['parts']>;
  private pending: Promise<StepReading>[] = [];
  private finished: StepReading[] = [];

  /** @param activate makes the executor's backend the current one */
  constructor(
    private readonly program: TrainingProgram,
    private readonly store: TfjsStore,
    private readonly optimizer: TfjsOptimizer,
    rules: OpRules,
    private readonly ledger: Ledger,
    private readonly activate: () => void,
    private readonly onDispose: () => void,
  ) {
    const { graph, backward, trainable } = program;
    this.plan = schedule({ ...graph, outputs: { loss: program.loss } }, rules, backward);
    this.trained = trainableSpecs(graph.parameters, trainable);
    this.parts = new Map(graph.parameters.map(({ value, parts }) => [value, parts]));
  }

  async step(inputs: InputData, scalars: StepScalars): Promise<void> {
    this.activate();
    const { loss, gradients } = this.run(inputs, scalars.seed);
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
    const { loss, gradients } = this.run(inputs, seed);
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

  /** Loss and gradients in the order of the trained parameters; the caller disposes of them. */
  private run(inputs: InputData, seed: number): { loss: Tensor; gradients: Tensor[] } {
    const parameter = (id: number): Tensor => this.store.tensor(this.parts.get(id) ?? []);
    const run = new GraphRun(this.plan, inputs, parameter, seed, () => this.ledger.sample());
    try {
      run.forward();
      const loss = run.tensor(this.program.loss).clone();
      const byId = run.backward(this.program.loss, this.program.trainable);
      const gradients = this.trained.map(({ value, parts }) => {
        const gradient = byId.get(value);
        if (gradient === undefined) throw new Error(`The loss does not depend on ${parts[0]?.name ?? 'a parameter'}.`);
        return gradient;
      });
      return { loss, gradients };
    } finally {
      run.dispose();
    }
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
