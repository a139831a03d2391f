import { EngineError, type StepReading, type Trainer } from '../../engine/executor';
import type { ParameterGroup } from '../../engine/parameter-groups';
import type { Recipe } from '../../recipe/schema';
import { yieldToMessages } from '../device-lock';
import { isCancelled, storageFull, StudioError } from '../../protocol/errors';
import { HealthCheck } from './health';
import type { RunPlan } from '../data/plan';
import type { Evaluation, StepMetrics } from '../../protocol/protocol';
import { mixSeed } from '../random';
import type { Checkpoints } from './checkpoints';
import { currentWeights } from './current-weights';
import type { Recorder } from './recorder';
import { farewell, failureMessage, type EndReason } from './run-end';
import type { Reporter } from './reporter';
import { Pace, RunClock } from './run-clock';
import { learningRateAt, scheduleOf, type Schedule } from './schedule';
import { Selection } from './selection';
import type { SessionSnapshot } from './state';
import { trainerOptions } from './trainer-options';
import type { BatchInputs, TaskWork, TrainingTask } from '../tasks/task';
import type { Device } from '../features/tower';

/**
 * The loop of a run. The device works on steps that are ahead of their readings; charts and health follow the readings alone. All readings are in
 * before weights are measured or a snapshot is given.
 */

export interface SessionOptions {
  readonly recipe: Recipe;
  readonly plan: RunPlan;
  readonly task: TrainingTask;
  readonly device: Device;
  /** How what is trained is updated. */
  readonly groups: readonly ParameterGroup[];
  readonly recorder: Recorder;
  readonly reporter: Reporter;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Where to go on; null from the base model. The device holds the weights of the base model in either case. */
  readonly from?: SessionSnapshot | null;
  /** Keeps checkpoints; null keeps none. */
  readonly checkpoints?: Checkpoints | null;
  /** Gives a failure that the user can do something about its advice. */
  readonly explain?: (error: unknown) => unknown;
}

/** A batch that is ready for its step. */
interface Prepared {
  readonly inputs: BatchInputs;
  readonly samples: number;
}

/** A step that the device is at, with what it was told. */
interface Issued extends Prepared {
  readonly learningRate: number;
}

/**
 * One training run from its first step to its end. The loop is driven by the promises of the executor alone, with no timer, so that a hidden
 * tab trains on; commands take effect between two steps.
 */
export class TrainingSession {
  private readonly clock: RunClock;
  private readonly schedule: Schedule;
  private readonly selection: Selection;
  private readonly health = new HealthCheck();
  private readonly pace = new Pace();
  private readonly inFlight = new Map<number, Issued>();
  /** What ended the run as `failed`; null otherwise. */
  failure: unknown = null;
  private trainer: Trainer | null = null;
  private step = 0;
  private lastEvaluated = 0;
  private paused = false;
  private stopping = false;
  /** The evaluation under way is wanted no more. */
  private cutShort = false;
  private evaluating = false;
  private abandoned = false;
  private evaluationAsked = false;
  private checkpointAsked = false;
  private wake: (() => void) | null = null;
  /** Those who asked for a snapshot and have none yet. */
  private wanted: ((snapshot: SessionSnapshot | null) => void)[] = [];
  private ended = false;
  private batches: readonly (readonly number[])[] = [];
  private batchesOfEpoch = -1;
  /** When the steps in flight began to have the device for themselves. */
  private mark = 0;

  constructor(private readonly options: SessionOptions) {
    const { recipe, plan, task, now, from = null } = options;
    this.clock = new RunClock(now, from?.state.seconds);
    this.schedule = scheduleOf(recipe, plan.totalSteps);
    this.selection = new Selection(
      (metrics) => task.description.deciding(recipe, metrics),
      recipe.earlyStopping ? recipe.patience : null,
    );
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.wake?.();
  }

  /** Ends the run after the step in flight and a last evaluation; what was measured and kept stays. Said during an evaluation, it ends that too. */
  stop(): void {
    if (this.evaluating) this.cutShort = true;
    this.stopping = true;
    this.wake?.();
  }

  evaluateNow(): void {
    this.evaluationAsked = true;
    this.wake?.();
  }

  /** Keeps a checkpoint after the step in flight. */
  checkpointNow(): void {
    this.checkpointAsked = true;
    this.wake?.();
  }

  /**
   * The run as it is after the step in flight; null where it ends before that.
   *
   * @returns what a later session goes on from (`SessionOptions.from`), with the bits that this one would have had
   */
  snapshot(): Promise<SessionSnapshot | null> {
    return new Promise((resolve) => {
      this.wanted.push(resolve);
      if (this.ended) this.answer(null);
      else this.wake?.();
    });
  }

  /** Trains to the end, whatever the end is. Failures of device and data end the run as `failed`; they do not reject. */
  async run(): Promise<EndReason> {
    const { device, recorder } = this.options;
    let reason: EndReason;
    let message: () => string;
    try {
      const lost = device.executor.lost.then((error) => {
        throw error;
      });
      lost.catch(() => undefined);
      reason = await Promise.race([this.train(), lost]);
      const ended = reason;
      const { recipe, plan, task } = this.options;
      message = () =>
        farewell({
          reason: ended,
          recipe,
          description: task.description,
          plan,
          recorder,
          step: this.step,
          keepsLast: this.keepsLast(),
        });
    } catch (error) {
      this.abandoned = true;
      const stopped = this.stopping && isCancelled(error);
      reason = stopped ? 'stopped' : 'failed';
      if (!stopped) this.failure = error;
      message = () =>
        stopped ? 'Stopped before the first step.' : failureMessage(this.options.explain?.(error) ?? error, recorder);
    }
    let words: string;
    try {
      await recorder.flush();
      await recorder.settle();
      words = recorder.full ? `${message()} ${storageFull}` : message();
      // The base model is a result only of a run that came to its end and found nothing better.
      const fruitless = this.step === 0 || (reason === 'failed' && recorder.record.weightsStep === 0);
      const nothing = fruitless ? { bestStep: null, weightsStep: null } : {};
      await recorder.update({ state: reason, message: words, endedAt: Date.now(), ...nothing });
    } finally {
      this.trainer?.dispose();
      this.trainer = null;
      this.ended = true;
      this.answer(null);
    }
    const { id: runId } = recorder.record;
    const { bestStep } = recorder.unstored?.of ?? recorder.record;
    const lost = this.failure instanceof EngineError && this.failure.code === 'device-lost';
    this.options.reporter.event({ type: 'ended', runId, reason, message: words, bestStep, lost });
    return reason;
  }

  private async train(): Promise<EndReason> {
    const { plan, task, device, recorder, reporter } = this.options;
    const { id: runId } = recorder.record;
    const { totalSteps, stepsPerEpoch, batchSize, evaluateEvery, notes } = plan;
    reporter.event({ type: 'plan', runId, totalSteps, stepsPerEpoch, batchSize, evaluateEvery, notes });
    reporter.phase('evaluating', 'Measuring the base model');
    await this.measureBase();
    reporter.phase('warming-up', 'Preparing the training step');
    const { lock, executor, store } = device;
    this.trainer = await lock.run(() => executor.compileTraining(task.program, store, trainerOptions(this.options)));
    await this.goOn(this.trainer);
    const reason = await this.loop(this.trainer);
    await this.catchUp(this.trainer);
    if (evaluateEvery > 0 && this.lastEvaluated < this.step && !this.cutShort) await this.evaluate();
    reporter.phase('finishing', 'Keeping the weights');
    if (this.step > 0 && this.keepsLast()) await this.keepLast();
    if (this.step > 0) await this.checkpoint(this.trainer);
    return reason;
  }

  private async loop(trainer: Trainer): Promise<EndReason> {
    const { plan, device, recipe, reporter } = this.options;
    const { totalSteps, evaluateEvery } = plan;
    let next = this.prepareAhead(this.step + 1);
    this.startTiming();
    while (this.step < totalSteps) {
      await this.whilePaused(trainer);
      await this.giveSnapshots(trainer);
      if (this.stopping) return 'stopped';
      if (this.abandoned) throw new StudioError('cancelled', 'Cancelled.');
      const step = this.step + 1;
      reporter.phase('training', this.doing(step), this.step / totalSteps);
      const prepared = await next;
      if (step < totalSteps) next = this.prepareAhead(step + 1);
      const learningRate = learningRateAt(this.schedule, step);
      this.inFlight.set(step, { ...prepared, learningRate });
      const scalars = { step, learningRate, seed: mixSeed(recipe.seed, step) };
      await device.lock.run(() => trainer.step(prepared.inputs.data, scalars));
      this.step = step;
      await this.take(await trainer.readings(false));
      await yieldToMessages();
      const due = evaluateEvery > 0 && step % evaluateEvery === 0;
      if (due || this.evaluationAsked) await this.evaluateBetween(trainer);
      else if (evaluateEvery === 0 && this.options.recorder.weightsDue) await this.keepLast();
      if (this.checkpointAsked || this.options.checkpoints?.due === true) await this.checkpoint(trainer);
      if (this.selection.exhausted && step < totalSteps) return 'early-stopping';
    }
    return 'finished';
  }

  /** What makes the steps of now slower than later ones, for people; empty where nothing does. */
  private doing(step: number): string {
    const work = this.options.task.frozenWork(this.epochOf(step));
    if (work !== null) return `Computing features of the frozen layers: ${amount(work)}`;
    return this.pace.secondsPerStep === null ? 'First step' : '';
  }

  /** Prepares the batch of a step while the step before runs. A failure is thrown by whoever awaits it. */
  private prepareAhead(step: number): Promise<Prepared> {
    const prepared = this.prepare(step);
    prepared.catch(() => undefined);
    return prepared;
  }

  private async prepare(step: number): Promise<Prepared> {
    const { task, plan } = this.options;
    const epoch = this.epochOf(step);
    if (epoch !== this.batchesOfEpoch) {
      this.batches = task.batches(epoch);
      this.batchesOfEpoch = epoch;
    }
    const batch = this.batches[(step - 1) % plan.stepsPerEpoch] ?? [];
    return { inputs: await task.inputs(batch, epoch), samples: batch.length };
  }

  private epochOf(step: number): number {
    return Math.floor((step - 1) / this.options.plan.stepsPerEpoch);
  }

  private async whilePaused(trainer: Trainer): Promise<void> {
    if (!this.paused || this.stopping) return;
    const { recorder, reporter } = this.options;
    await this.catchUp(trainer);
    await recorder.flush();
    this.clock.pause();
    await this.checkpoint(trainer);
    while (this.isPaused()) {
      reporter.phase('paused', 'Paused');
      if (this.evaluationAsked) await this.evaluate();
      if (this.checkpointAsked) await this.checkpoint(trainer);
      await this.giveSnapshots(trainer);
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        const asked = this.evaluationAsked || this.checkpointAsked || this.wanted.length > 0;
        if (!this.isPaused() || asked) resolve();
      });
    }
    this.wake = null;
    this.clock.resume();
    this.startTiming();
  }

  private isPaused(): boolean {
    return this.paused && !this.stopping && !this.abandoned;
  }

  /** Puts the session where it goes on. What was measured before stays measured: of the base model only the task has to know again. */
  private async goOn(trainer: Trainer): Promise<void> {
    const { device, from = null } = this.options;
    if (from === null) return;
    await device.lock.run(async () => {
      await device.store.write(from.weights);
      await trainer.restore(from.trainer);
    });
    this.step = from.state.step;
    this.lastEvaluated = from.state.lastEvaluated;
    this.selection.restore(from.state.selection);
    this.health.restore(from.state.health);
    const { recorder, reporter } = this.options;
    // What was measured behind the checkpoint is better than what it knows of only if its weights are those that are kept.
    const kept = recorder.record.evaluations.find(({ step }) => step > this.step && step === recorder.record.bestStep);
    if (kept !== undefined) this.selection.hold(kept.step, kept.metrics);
    await recorder.goOn(this.step);
    reporter.event({ type: 'resumed', runId: recorder.record.id, step: this.step });
  }

  private async giveSnapshots(trainer: Trainer): Promise<void> {
    if (this.wanted.length === 0) return;
    await this.catchUp(trainer);
    this.answer(await this.current(trainer));
    this.startTiming();
  }

  /** The run as it is, with no step in flight. */
  private async current(trainer: Trainer): Promise<SessionSnapshot> {
    const { device, task } = this.options;
    const [weights, state] = await device.lock.run(
      async () =>
        [await device.store.read([...task.trainable, ...(task.adjusted ?? [])]), await trainer.snapshot()] as const,
    );
    return {
      state: {
        step: this.step,
        lastEvaluated: this.lastEvaluated,
        seconds: this.clock.seconds(),
        selection: this.selection.snapshot(),
        health: this.health.snapshot(),
      },
      weights,
      trainer: state,
    };
  }

  /** Keeps a checkpoint of the step that was issued last. The record is written first, so that it knows all steps of the checkpoint. */
  private async checkpoint(trainer: Trainer): Promise<void> {
    this.checkpointAsked = false;
    const { checkpoints, recorder, reporter } = this.options;
    if (checkpoints === undefined || checkpoints === null || this.step === 0) return;
    await this.catchUp(trainer);
    await recorder.flush();
    const result = await checkpoints.keep(() => this.current(trainer));
    reporter.event({ type: 'checkpoint', runId: recorder.record.id, ...result });
    this.startTiming();
  }

  private answer(snapshot: SessionSnapshot | null): void {
    for (const resolve of this.wanted.splice(0)) resolve(snapshot);
  }

  /** Waits for all steps in flight and takes in their readings. */
  private async catchUp(trainer: Trainer): Promise<void> {
    const { device, reporter } = this.options;
    await this.take(await device.lock.run(() => trainer.readings(true)));
    reporter.flush();
  }

  /** Turns readings of the device into rows of the chart. */
  private async take(readings: readonly StepReading[]): Promise<void> {
    const { now, plan, task, recorder, reporter } = this.options;
    if (readings.length === 0) return;
    const elapsed = (now() - this.mark) / 1000;
    this.startTiming();
    this.pace.steps(readings.length, elapsed);
    const extras = await task.stepMetrics(readings);
    const seconds = this.clock.seconds();
    const rows: StepMetrics[] = [];
    for (const [index, reading] of readings.entries()) {
      const { step, loss, gradNorm } = reading;
      const issued = this.inFlight.get(step);
      this.inFlight.delete(step);
      if (!this.health.accept(reading, issued?.inputs.trivial ?? false)) continue;
      rows.push({
        step,
        epoch: step / plan.stepsPerEpoch,
        loss,
        gradNorm,
        learningRate: issued?.learningRate ?? NaN,
        imagesPerSecond: (issued?.samples ?? plan.batchSize) / Math.max(this.pace.secondsPerStep ?? 0, 1e-6),
        seconds,
        extra: extras[index] ?? {},
      });
    }
    reporter.steps(rows, this.secondsLeft());
    await recorder.steps(rows);
  }

  private secondsLeft(): number | null {
    const { totalSteps, evaluateEvery } = this.options.plan;
    // Steps that compute outputs of frozen layers tell nothing of those that start from them.
    if (this.options.task.frozenWork(this.epochOf(this.step)) !== null) return null;
    const steps = totalSteps - this.step;
    return this.pace.left(steps, evaluateEvery === 0 ? 0 : Math.ceil(steps / evaluateEvery));
  }

  private startTiming(): void {
    this.mark = this.options.now();
  }

  private async measureBase(): Promise<void> {
    const { task, recorder, reporter, plan } = this.options;
    if (plan.evaluateEvery === 0) return;
    const evaluation = await task.evaluate((work) => this.between('Measuring the base model', work));
    if (evaluation === null) return;
    this.selection.take(0, evaluation.metrics);
    await recorder.baseline(evaluation.metrics);
    reporter.event({ type: 'baseline', runId: recorder.record.id, metrics: evaluation.metrics });
  }

  private async evaluateBetween(trainer: Trainer): Promise<void> {
    await this.catchUp(trainer);
    await this.evaluate();
    this.startTiming();
  }

  /** Measures the weights of now, and keeps them if they are the best so far. */
  private async evaluate(): Promise<void> {
    this.evaluationAsked = false;
    const { recipe, task, device, recorder, reporter, plan, now } = this.options;
    const { step } = this;
    if (plan.evaluateEvery === 0 || step === 0 || step === this.lastEvaluated) return;
    const label = `Measuring step ${step}`;
    this.evaluating = true;
    reporter.phase('evaluating', label);
    const began = now();
    const evaluation = await task
      .evaluate((work) => this.between(label, work))
      .catch((error: unknown) => {
        if (this.cutShort && !this.abandoned && isCancelled(error)) return null;
        throw error;
      })
      .finally(() => (this.evaluating = false));
    if (evaluation === null) return;
    this.lastEvaluated = step;
    this.pace.evaluated((now() - began) / 1000);
    const best = this.selection.take(step, evaluation.metrics);
    const { metrics, change, predictions } = evaluation;
    const found: Evaluation = { step, seconds: this.clock.seconds(), metrics, change };
    const keeps = recipe.restoreBest ? best : recorder.weightsDue;
    const { bestStep } = this.selection;
    await recorder.evaluation(found, predictions, bestStep, keeps ? currentWeights(task.trainable, device) : null);
    const { id: runId } = recorder.record;
    reporter.event({ type: 'evaluation', runId, evaluation: found, predictions, best });
  }

  /** True where the run ends with its last weights: the recipe says so, or no step was measured and there are no better ones to go back to. */
  private keepsLast(): boolean {
    return !this.options.recipe.restoreBest || this.lastEvaluated === 0;
  }

  private async keepLast(): Promise<void> {
    const { recipe, recorder, task, device } = this.options;
    const bestStep = recipe.restoreBest ? null : this.selection.bestStep;
    if (recorder.record.weightsStep !== this.step || recorder.unstored !== null)
      await recorder.weights(this.step, currentWeights(task.trainable, device), bestStep);
  }

  /** Lets messages in during an evaluation, which a stop ends. */
  private async between(label: string, work?: TaskWork): Promise<void> {
    if (work !== undefined)
      this.options.reporter.phase('evaluating', `${label}: ${amount(work)}`, work.done / work.total);
    await yieldToMessages();
    if (this.abandoned || this.cutShort || (this.stopping && this.step === 0)) {
      throw new StudioError('cancelled', 'Cancelled.');
    }
  }
}

function amount({ done, total, of }: TaskWork): string {
  return `${done.toLocaleString('en')} of ${total.toLocaleString('en')} ${of}`;
}
