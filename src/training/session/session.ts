import { EngineError } from '../../engine/executor';
import { causeOf } from '../../engine/loss';
import { isCancelled, storageFull } from '../../protocol/errors';
import { Commands } from './commands';
import { Course } from './course';
import { Evaluations } from './evaluations';
import { EventLog } from './event-log';
import { Loop, type LoopParts } from './loop';
import { PlannedChanges } from './planned-changes';
import { Position } from './position';
import { Readings } from './readings';
import { goBack } from './rollback';
import { RunClock } from './run-clock';
import { farewell, failureMessage, type EndReason } from './run-end';
import type { SessionOptions } from './session-options';
import { Snapshots } from './snapshots';
import type { SessionSnapshot } from './state';
import { StepLog } from './step-log';

/** One training run from its first step to its end. Commands take effect between two steps. */
export class TrainingSession {
  readonly commands = new Commands();
  /** What ended the run as `failed` or `interrupted`; null otherwise. */
  failure: unknown = null;
  private readonly parts: LoopParts;
  private readonly loop: Loop;

  constructor(private readonly options: SessionOptions) {
    const { recipe, plan, task, now, recorder, from = null } = options;
    const { commands } = this;
    const clock = new RunClock(now, from?.state.seconds);
    const course = new Course(recipe, plan.totalSteps, recorder.record.events);
    const events = new EventLog(course, options);
    const planned = new PlannedChanges(options);
    const log = new StepLog({ task, plan, clock, now });
    const evaluations = new Evaluations({ ...options, commands, clock, pace: log.pace });
    const position = new Position(options, { clock, log, evaluations });
    const readings = new Readings({ ...options, course, events, log, position });
    const snapshots = new Snapshots({ ...options, commands, log, position, readings });
    this.parts = { commands, clock, course, events, planned, log, evaluations, position, readings, snapshots };
    this.loop = new Loop(options, this.parts);
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
   * Trains to the end, whatever the end is. Failures of device and data end the run as `failed`, the loss of the device as `interrupted`; they do not
   * reject.
   *
   * @returns `again` where another session gets over what went wrong
   */
  async run(): Promise<EndReason | 'again'> {
    const { device, recorder } = this.options;
    const { position } = this.parts;
    let reason: EndReason;
    let message: () => string;
    try {
      const lost = device.executor.lost.then((error) => {
        throw error;
      });
      lost.catch(() => undefined);
      const ended = (reason = await Promise.race([this.train(), lost]));
      message = () => this.farewell(ended);
    } catch (thrown) {
      const error = await causeOf(thrown, device.executor.lost);
      this.commands.abandoned = true;
      const stopped = this.commands.stopping && isCancelled(error);
      reason = stopped ? 'stopped' : isLoss(error) ? 'interrupted' : 'failed';
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
      const broken = reason === 'failed' || reason === 'interrupted';
      const fruitless = position.step === 0 || (broken && recorder.record.weightsStep === 0);
      const nothing = fruitless ? { bestStep: null, weightsStep: null } : {};
      await recorder.update({ state: reason, message: words, endedAt: Date.now(), ...nothing });
    } finally {
      this.close();
    }
    const { id: runId } = recorder.record;
    const { bestStep } = recorder.unstored?.of ?? recorder.record;
    const lost = reason === 'interrupted';
    this.options.reporter.event({ type: 'ended', runId, reason, message: words, bestStep, lost });
    return reason;
  }

  private farewell(reason: EndReason): string {
    const { recipe, plan, task, recorder } = this.options;
    const { course, position, evaluations } = this.parts;
    return farewell({
      reason,
      recipe,
      description: task.description,
      plan: { evaluateEvery: plan.evaluateEvery, totalSteps: course.totalSteps },
      recorder,
      step: position.step,
      keepsLast: evaluations.keepsLast,
      measured: evaluations.lastStep > 0,
    });
  }

  private close(): void {
    this.parts.position.dispose();
    this.commands.end();
  }

  private async train(): Promise<EndReason> {
    const { plan, recorder, reporter } = this.options;
    const { course, evaluations, position, readings, snapshots } = this.parts;
    const { id: runId } = recorder.record;
    const { stepsPerEpoch, batchSize, evaluateEvery, notes } = plan;
    const { totalSteps } = course;
    reporter.event({ type: 'plan', runId, totalSteps, stepsPerEpoch, batchSize, evaluateEvery, notes });
    reporter.phase('evaluating', 'Measuring the base model');
    await evaluations.measureBase();
    reporter.phase('warming-up', 'Preparing the training step');
    await position.compile();
    await position.goOn();
    let reason = await this.loop.run();
    while (readings.diverged !== null) {
      await goBack(readings.diverged, { ...this.options, ...this.parts });
      reason = await this.loop.run();
    }
    const { commands } = this;
    if (commands.stopping && commands.keep === 'nothing') return reason;
    if (evaluateEvery > 0 && evaluations.lastStep < position.step && !commands.cutShort) {
      await evaluations.measure(position.step);
    }
    reporter.phase('finishing', 'Keeping the weights');
    if (position.step > 0) {
      if (evaluations.keepsLast) await evaluations.keepLast(position.step);
      await snapshots.checkpoint();
    }
    return reason;
  }
}

function isLoss(error: unknown): boolean {
  return error instanceof EngineError && error.code === 'device-lost';
}
