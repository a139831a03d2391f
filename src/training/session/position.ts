import type { Trainer } from '../../engine/executor';
import { elementCount } from '../../engine/graph/value';
import { momentNames } from '../../engine/trainer-state';
import type { Evaluations } from './evaluations';
import type { RunClock } from './run-clock';
import type { SessionOptions } from './session-options';
import type { SessionSnapshot } from './state';
import type { StepLog } from './step-log';
import { trainerOptions } from './trainer-options';

interface PositionOptions {
  readonly clock: RunClock;
  readonly log: StepLog;
  readonly evaluations: Evaluations;
}

/**
 * Where a run stands between two steps: its step, the weights on the device, what its trainer keeps, and what is known of it. It can be taken as a
 * snapshot, put back to one, or to the beginning.
 */
export class Position {
  /** The step that was issued last; 0 before the first. */
  step = 0;
  private compiled: Trainer | null = null;

  constructor(
    private readonly session: SessionOptions,
    private readonly options: PositionOptions,
  ) {}

  /** What trains; there is one once the training step is compiled. */
  get trainer(): Trainer {
    if (this.compiled === null) throw new Error('The training step is not compiled, or is released.');
    return this.compiled;
  }

  /** Compiles the training step. */
  async compile(): Promise<void> {
    const { task, device } = this.session;
    const { lock, executor, store } = device;
    this.compiled = await lock.run(() => executor.compileTraining(task.program, store, trainerOptions(this.session)));
  }

  /** Releases what trains. */
  dispose(): void {
    this.compiled?.dispose();
    this.compiled = null;
  }

  /** Puts the session where it goes on. What was measured before stays measured. */
  async goOn(): Promise<void> {
    const { from = null, recorder } = this.session;
    if (from !== null) await this.restore(from);
    else if (recorder.record.stepsDone > 0) await this.takeUp();
  }

  /** The run as it is. No step is in flight. */
  async snapshot(): Promise<SessionSnapshot> {
    const { device } = this.session;
    const { clock, log, evaluations } = this.options;
    const [weights, trainer] = await device.lock.run(
      async () => [await device.store.read(this.trainedNames), await this.trainer.snapshot()] as const,
    );
    const { step } = this;
    return {
      state: { step, seconds: clock.seconds(), ...evaluations.snapshot(), health: log.health.snapshot() },
      weights,
      trainer,
    };
  }

  /** Bytes of a snapshot, nearly all of them. */
  get snapshotBytes(): number {
    const { store } = this.session.device;
    const names = new Set(this.trainedNames);
    const parts = store.specs.flatMap((spec) => spec.parts).filter(({ name }) => names.has(name));
    const elements = parts.reduce((sum, { shape }) => sum + elementCount(shape), 0);
    return 4 * elements * (1 + momentNames(trainerOptions(this.session).optimizer).length);
  }

  /** Goes to a snapshot: of this run, at an earlier step. */
  async restore({ state, weights, trainer }: SessionSnapshot): Promise<void> {
    const { device } = this.session;
    await device.lock.run(async () => {
      await device.store.write(weights);
      await this.trainer.restore(trainer);
    });
    const { log, evaluations } = this.options;
    this.step = state.step;
    evaluations.restore(state);
    log.health.restore(state.health);
    await this.takeUp();
  }

  /** Goes back to where the run began, with a trainer that knows of no step. */
  async startOver(beginning: NonNullable<SessionOptions['beginning']>): Promise<void> {
    const { device } = this.session;
    this.dispose();
    await device.lock.run(async () => {
      // One by one: all of them together may be as large as the model.
      for (const [name, values] of beginning(this.trainedNames)) await device.store.write(new Map([[name, values]]));
    });
    await this.compile();
    const { log, evaluations } = this.options;
    this.step = 0;
    evaluations.startOver();
    log.health.restore({ unusable: 0, lastLoss: null });
    await this.takeUp();
  }

  /** Puts record and page where the run goes on. */
  private async takeUp(): Promise<void> {
    const { recorder, reporter } = this.session;
    this.options.evaluations.takeUp(this.step);
    await recorder.goOn(this.step);
    reporter.event({ type: 'resumed', runId: recorder.record.id, step: this.step });
  }

  /** All tensors that a run changes. */
  private get trainedNames(): readonly string[] {
    const { trainable, adjusted = [] } = this.session.task;
    return [...trainable, ...adjusted];
  }
}
