import { EngineError, type StepReading, type Trainer } from '../../engine/executor';
import type { ParameterGroup } from '../../engine/parameter-groups';
import type { Recipe } from '../../recipe/schema';
import { yieldToMessages } from '../device-lock';
import { isCancelled, storageFull, StudioError } from '../../protocol/errors';
import { because } from '../../protocol/run-event-words';
import type { RunEvent, StepTrouble } from '../../protocol/run-events';
import type { RunPlan } from '../data/plan';
import type { Evaluation } from '../../protocol/protocol';
import { mixSeed } from '../random';
import type { Checkpoints } from './checkpoints';
import { Commands } from './commands';
import { Course } from './course';
import { currentWeights } from './current-weights';
import { Idle } from './idle';
import type { Recorder } from './recorder';
import { farewell, failureMessage, type EndReason } from './run-end';
import type { Reporter } from './reporter';
import { RunClock } from './run-clock';
import { Selection } from './selection';
import type { SessionSnapshot } from './state';
import { StepLog, type Prepared } from './step-log';
import { trainerOptions } from './trainer-options';
import type { TaskWork, TrainingTask } from '../tasks/task';
import type { Device } from '../features/tower';
import type { NamedTensor } from '../../runs/weight-set';

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
  /** Stops after this step, to go on from there another time; null: it comes to its end. */
  readonly until?: number | null;
  /** The tensors of the given names as the run began with them: where it goes back to if it has no checkpoint. Absent: it cannot. */
  readonly beginning?: (names: readonly string[]) => Iterable<NamedTensor>;
  /** Gives a failure that the user can do something about its advice. */
  readonly explain?: (error: unknown) => unknown;
  /** Whether another session will get over a failure: the run is not ended then. */
  readonly recovers?: (error: unknown) => boolean;
  /** Whether the device is to be left idle part of the time. */
  readonly gentle?: () => boolean;
}

/** By how much the rate is lowered where a run goes back, and how often it does. */
const lowered = 1 / 3;
const mostReturns = 3;

/**
 * One training run from its first step to its end. The loop is driven by the promises of the executor alone, with no timer, so that a hidden
 * tab trains on; commands take effect between two steps.
 */
export class TrainingSession {
  readonly commands = new Commands();
  private readonly clock: RunClock;
  private readonly course: Course;
  private readonly log: StepLog;
  private readonly idle: Idle;
  private selection: Selection;
  /** What ended the run as `failed`; null otherwise. */
  failure: unknown = null;
  private trainer: Trainer | null = null;
  private step = 0;
  private lastEvaluated = 0;
  private abandoned = false;
  /** Why the run must go back before it goes on; null where it need not. */
  private diverged: StepTrouble | null = null;
  private batches: readonly (readonly number[])[] = [];
  private batchesOfEpoch = -1;

  constructor(private readonly options: SessionOptions) {
    const { recipe, plan, task, now, recorder, from = null } = options;
    this.clock = new RunClock(now, from?.state.seconds);
    this.course = new Course(recipe, plan.totalSteps, recorder.record.events);
    this.log = new StepLog({ task, plan, clock: this.clock, now });
    this.idle = new Idle(now);
    this.selection = this.newSelection();
  }

  private newSelection(): Selection {
    const { recipe, task } = this.options;
    return new Selection(
      (metrics) => task.description.deciding(recipe, metrics),
      recipe.earlyStopping ? recipe.patience : null,
    );
  }

  /**
   * The run as it is after the step in flight; null where it ends before that.
   *
   * @returns what a later session goes on from (`SessionOptions.from`), with the bits that this one would have had
   */
  snapshot(): Promise<SessionSnapshot | null> {
    return this.commands.snapshot();
  }

  /**
   * Trains to the end, whatever the end is. Failures of device and data end the run as `failed`; they do not reject.
   *
   * @returns `again` where another session gets over what went wrong
   */
  async run(): Promise<EndReason | 'again'> {
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
          plan: { evaluateEvery: plan.evaluateEvery, totalSteps: this.course.totalSteps },
          recorder,
          step: this.step,
          keepsLast: this.keepsLast(),
          measured: this.lastEvaluated > 0,
        });
    } catch (error) {
      this.abandoned = true;
      const stopped = this.commands.stopping && isCancelled(error);
      reason = stopped ? 'stopped' : 'failed';
      if (!stopped) this.failure = error;
      if (!stopped && this.options.recovers?.(error) === true) {
        await recorder.flush();
        this.close();
        return 'again';
      }
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
      this.close();
    }
    const { id: runId } = recorder.record;
    const { bestStep } = recorder.unstored?.of ?? recorder.record;
    const lost = this.failure instanceof EngineError && this.failure.code === 'device-lost';
    this.options.reporter.event({ type: 'ended', runId, reason, message: words, bestStep, lost });
    return reason;
  }

  private close(): void {
    this.trainer?.dispose();
    this.trainer = null;
    this.commands.end();
  }

  private async train(): Promise<EndReason> {
    const { plan, recorder, reporter } = this.options;
    const { id: runId } = recorder.record;
    const { stepsPerEpoch, batchSize, evaluateEvery, notes } = plan;
    const { totalSteps } = this.course;
    reporter.event({ type: 'plan', runId, totalSteps, stepsPerEpoch, batchSize, evaluateEvery, notes });
    reporter.phase('evaluating', 'Measuring the base model');
    await this.measureBase();
    reporter.phase('warming-up', 'Preparing the training step');
    this.trainer = await this.compiled();
    await this.goOn(this.trainer);
    let reason = await this.loop(this.trainer);
    await this.catchUp(this.trainer);
    while (this.diverged !== null) {
      await this.goBack(this.diverged);
      reason = await this.loop(this.trainer);
      await this.catchUp(this.trainer);
    }
    const { commands } = this;
    if (commands.stopping && commands.keep === 'nothing') return reason;
    if (evaluateEvery > 0 && this.lastEvaluated < this.step && !commands.cutShort) await this.evaluate();
    reporter.phase('finishing', 'Keeping the weights');
    if (this.step > 0 && this.keepsLast()) await this.keepLast();
    if (this.step > 0) await this.checkpoint(this.trainer);
    return reason;
  }

  private compiled(): Promise<Trainer> {
    const { task, device } = this.options;
    const { lock, executor, store } = device;
    return lock.run(() => executor.compileTraining(task.program, store, trainerOptions(this.options)));
  }

  private async loop(trainer: Trainer): Promise<EndReason> {
    const { plan, device, recipe, reporter, recorder, checkpoints, now, gentle, until = null } = this.options;
    const { commands, course, log } = this;
    const { evaluateEvery } = plan;
    let next = this.prepareAhead(this.step + 1);
    log.startTiming();
    while (this.step < course.totalSteps || commands.changes.length > 0) {
      const began = now();
      await this.whilePaused(trainer);
      await this.makeChanges();
      await this.giveSnapshots(trainer);
      if (commands.stopping || (until !== null && this.step >= until && this.step < course.totalSteps))
        return 'stopped';
      if (this.abandoned) throw new StudioError('cancelled', 'Cancelled.');
      if (this.diverged !== null || this.step >= course.totalSteps) break;
      const step = this.step + 1;
      reporter.phase('training', this.doing(step), this.step / course.totalSteps);
      const prepared = await next;
      if (step < course.totalSteps) next = this.prepareAhead(step + 1);
      const learningRate = course.rateAt(step);
      log.issued(step, { ...prepared, learningRate });
      const scalars = { step, learningRate, seed: mixSeed(recipe.seed, step) };
      await device.lock.run(() => trainer.step(prepared.inputs.data, scalars));
      this.step = step;
      await this.take(await trainer.readings(false));
      await yieldToMessages();
      const due = evaluateEvery > 0 && step % evaluateEvery === 0;
      if (due || commands.evaluation) await this.evaluateBetween(trainer);
      else if (evaluateEvery === 0 && recorder.weightsDue) await this.keepLast();
      if (commands.checkpoint || checkpoints?.due === true) await this.checkpoint(trainer);
      if (this.selection.exhausted && step < course.totalSteps) return 'early-stopping';
      if (gentle?.() === true) await this.idle.rest(now() - began);
    }
    // What was prepared in vain must be done before anything else is.
    await next.catch(() => undefined);
    return 'finished';
  }

  /** Changes rate and length as the user has asked, from the next step on. */
  private async makeChanges(): Promise<void> {
    for (const { learningRate, totalSteps } of this.commands.changes.splice(0)) {
      const { step, course } = this;
      const at = { step, at: Date.now() };
      const from = course.peakAfter(step);
      if (learningRate !== undefined && learningRate !== from) {
        await this.happened({ kind: 'rate', ...at, from, to: learningRate });
      }
      const to = Math.max(totalSteps ?? course.totalSteps, step);
      if (to !== course.totalSteps) await this.happened({ kind: 'length', ...at, from: course.totalSteps, to });
    }
  }

  /** Notes what came between, lets it take effect, and tells the page. */
  private async happened(event: RunEvent): Promise<void> {
    const { recorder, reporter } = this.options;
    this.course.take(event);
    const { totalSteps } = this.course;
    await recorder.happened(event, { totalSteps });
    reporter.event({ type: 'happened', runId: recorder.record.id, event, totalSteps });
  }

  /** What makes the steps of now slower than later ones, for people; empty where nothing does. */
  private doing(step: number): string {
    const work = this.options.task.frozenWork(this.epochOf(step));
    if (work !== null) return `Computing features of the frozen layers: ${amount(work)}`;
    return this.log.pace.secondsPerStep === null ? 'First step' : '';
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
    const { commands } = this;
    if (!commands.paused || commands.stopping) return;
    const { recorder, reporter } = this.options;
    await this.catchUp(trainer);
    await recorder.flush();
    this.clock.pause();
    await this.checkpoint(trainer);
    while (commands.paused && !commands.stopping && !this.abandoned) {
      reporter.phase('paused', 'Paused');
      await this.makeChanges();
      if (commands.evaluation) await this.evaluate();
      if (commands.checkpoint) await this.checkpoint(trainer);
      await this.giveSnapshots(trainer);
      await commands.somethingToDo();
    }
    this.clock.resume();
    this.log.startTiming();
  }

  /** Puts the session where it goes on. What was measured before stays measured: of the base model only the task has to know again. */
  private async goOn(trainer: Trainer): Promise<void> {
    const { from = null, recorder } = this.options;
    if (from !== null) await this.restore(trainer, from);
    else if (recorder.record.stepsDone > 0) await this.takeUp();
  }

  /** Takes up a snapshot: of this run, at an earlier step. */
  private async restore(trainer: Trainer, { state, weights, trainer: kept }: SessionSnapshot): Promise<void> {
    const { device } = this.options;
    await device.lock.run(async () => {
      await device.store.write(weights);
      await trainer.restore(kept);
    });
    this.step = state.step;
    this.lastEvaluated = state.lastEvaluated;
    this.selection.restore(state.selection);
    this.log.health.restore(state.health);
    await this.takeUp();
  }

  /** Puts record and page where the run goes on. */
  private async takeUp(): Promise<void> {
    const { recorder, reporter, recipe } = this.options;
    const { evaluations, bestStep } = recorder.record;
    // What was measured behind the checkpoint is better than what it knows of only if its weights are those that are kept.
    const kept = evaluations.find(({ step }) => step > this.step && step === bestStep);
    if (kept !== undefined) this.selection.hold(kept.step, kept.metrics);
    // The last weights were kept in the place of the best: whatever is measured next is the best that there is.
    else if (recipe.restoreBest && bestStep === null) this.selection.forgetBest();
    await recorder.goOn(this.step);
    reporter.event({ type: 'resumed', runId: recorder.record.id, step: this.step });
  }

  /**
   * Goes back to the last good checkpoint, or to the beginning, and lowers the rate. One that has been gone back to before led into the same trouble:
   * it is left out.
   *
   * @throws EngineError `not-finite` with the reasons, where it has gone back too often or cannot
   */
  private async goBack(reason: StepTrouble): Promise<void> {
    const { recorder, checkpoints = null, beginning, device, task } = this.options;
    const since = this.step;
    const returns = recorder.record.events.filter((event) => event.kind === 'rolled-back');
    if (returns.length >= mostReturns || beginning === undefined) throw givenUp(reason, since, returns.length);
    const before = returns.at(-1)?.step;
    if (before !== undefined && before > 0) {
      const newest = await checkpoints?.newest();
      if (newest?.state.step === before) await checkpoints?.dropAfter(before - 1);
    }
    this.diverged = null;
    this.log.forget();
    const from = this.course.peakAfter(since);
    const snapshot = (await checkpoints?.newest()) ?? null;
    if (snapshot !== null && this.trainer !== null) await this.restore(this.trainer, snapshot);
    else {
      this.trainer?.dispose();
      await device.lock.run(async () => {
        // One by one: all of them together may be as large as the model.
        for (const [name, values] of beginning(trainedNames(task))) await device.store.write(new Map([[name, values]]));
      });
      this.trainer = await this.compiled();
      this.step = 0;
      this.lastEvaluated = 0;
      this.log.health.restore({ unusable: 0, lastLoss: null });
      this.selection = this.newSelection();
      const { baseline } = recorder.record;
      if (baseline !== null) this.selection.take(0, baseline);
      await this.takeUp();
    }
    const { step } = this;
    await this.happened({ kind: 'rolled-back', step, at: Date.now(), since, reason, from, to: lowered * from });
  }

  private async giveSnapshots(trainer: Trainer): Promise<void> {
    if (!this.commands.wantsSnapshot) return;
    await this.catchUp(trainer);
    this.commands.answer(await this.current(trainer));
    this.log.startTiming();
  }

  /** The run as it is, with no step in flight. */
  private async current(trainer: Trainer): Promise<SessionSnapshot> {
    const { device, task } = this.options;
    const [weights, state] = await device.lock.run(
      async () => [await device.store.read(trainedNames(task)), await trainer.snapshot()] as const,
    );
    return {
      state: {
        step: this.step,
        lastEvaluated: this.lastEvaluated,
        seconds: this.clock.seconds(),
        selection: this.selection.snapshot(),
        health: this.log.health.snapshot(),
      },
      weights,
      trainer: state,
    };
  }

  /** Keeps a checkpoint of the step that was issued last. The record is written first, so that it knows all steps of the checkpoint. */
  private async checkpoint(trainer: Trainer): Promise<void> {
    this.commands.checkpoint = false;
    const { checkpoints, recorder, reporter } = this.options;
    if (checkpoints === undefined || checkpoints === null || this.step === 0) return;
    await this.catchUp(trainer);
    // Where the run is going wrong, the checkpoint before is the better one.
    if (!this.log.health.sound) return;
    await recorder.flush();
    const result = await checkpoints.keep(() => this.current(trainer));
    reporter.event({ type: 'checkpoint', runId: recorder.record.id, ...result });
    this.log.startTiming();
  }

  /** Waits for all steps in flight and takes in their readings. */
  private async catchUp(trainer: Trainer): Promise<void> {
    const { device, reporter } = this.options;
    await this.take(await device.lock.run(() => trainer.readings(true)));
    reporter.flush();
  }

  /** Takes in readings of the device: rows of the chart, and what is wrong with them. */
  private async take(readings: readonly StepReading[]): Promise<void> {
    const { recorder, reporter } = this.options;
    const { rows, troubles, diverged } = await this.log.take(readings);
    if (readings.length === 0) return;
    reporter.steps(rows, this.secondsLeft());
    await recorder.steps(rows);
    for (const { step, reason } of troubles) {
      await this.happened({ kind: 'skipped', step, at: Date.now(), reason });
    }
    this.diverged ??= diverged;
  }

  private secondsLeft(): number | null {
    const { evaluateEvery } = this.options.plan;
    // Steps that compute outputs of frozen layers tell nothing of those that start from them.
    if (this.options.task.frozenWork(this.epochOf(this.step)) !== null) return null;
    const steps = this.course.totalSteps - this.step;
    return this.log.pace.left(steps, evaluateEvery === 0 ? 0 : Math.ceil(steps / evaluateEvery));
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
    if (this.diverged !== null) return;
    await this.evaluate();
    this.log.startTiming();
  }

  /** Measures the weights of now, and keeps them if they are the best so far. */
  private async evaluate(): Promise<void> {
    const { recipe, task, device, recorder, reporter, plan, now } = this.options;
    const { step, commands } = this;
    commands.evaluation = false;
    if (plan.evaluateEvery === 0 || step === 0 || step === this.lastEvaluated) return;
    const label = `Measuring step ${step}`;
    commands.evaluating = true;
    commands.cancelled = false;
    reporter.phase('evaluating', label);
    const began = now();
    const evaluation = await task
      .evaluate((work) => this.between(label, work))
      .catch((error: unknown) => {
        if ((commands.cutShort || commands.cancelled) && !this.abandoned && isCancelled(error)) return null;
        throw error;
      })
      .finally(() => (commands.evaluating = false));
    if (evaluation === null) return;
    this.lastEvaluated = step;
    this.log.pace.evaluated((now() - began) / 1000);
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
    return !this.options.recipe.restoreBest || this.lastEvaluated === 0 || this.commands.keep === 'last';
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
    const { cutShort, cancelled, evaluating, stopping } = this.commands;
    if (this.abandoned || cutShort || (evaluating && cancelled) || (stopping && this.step === 0)) {
      throw new StudioError('cancelled', 'Cancelled.');
    }
  }
}

function amount({ done, total, of }: TaskWork): string {
  return `${done.toLocaleString('en')} of ${total.toLocaleString('en')} ${of}`;
}

/** All tensors that a run changes. */
function trainedNames({ trainable, adjusted = [] }: Pick<TrainingTask, 'trainable' | 'adjusted'>): readonly string[] {
  return [...trainable, ...adjusted];
}

/** Why a run is not tried once more. */
function givenUp(reason: StepTrouble, step: number, returns: number): EngineError {
  const tried =
    returns === 0
      ? ''
      : ` It has gone back ${returns === 1 ? 'once' : `${returns} times`}, each time with a third of the learning rate.`;
  const advice =
    reason === 'zero-loss'
      ? 'The GPU dropped the work. Reload the page, or train on the CPU.'
      : 'Training diverged. Lower the learning rate, lengthen the warm-up or clip gradients, and start again.';
  const what = because[reason];
  return new EngineError(
    'not-finite',
    `${what.charAt(0).toUpperCase()}${what.slice(1)} up to step ${step}.${tried} ${advice}`,
  );
}
