import { StudioError } from '../../protocol/errors';
import { yieldToMessages } from '../device-lock';
import { mixSeed } from '../random';
import { amountOf } from '../tasks/task';
import { Batches, epochOf } from './batches';
import type { Commands } from './commands';
import type { Course } from './course';
import type { Evaluations } from './evaluations';
import type { EventLog } from './event-log';
import { Idle } from './idle';
import type { PlannedChanges } from './planned-changes';
import type { Position } from './position';
import type { Readings } from './readings';
import type { RunClock } from './run-clock';
import type { EndReason } from './run-end';
import type { SessionOptions } from './session-options';
import type { Snapshots } from './snapshots';
import type { StepLog } from './step-log';

/** What the loop of a session works with. */
export interface LoopParts {
  readonly commands: Commands;
  readonly clock: RunClock;
  readonly course: Course;
  readonly events: EventLog;
  readonly planned: PlannedChanges;
  readonly log: StepLog;
  readonly evaluations: Evaluations;
  readonly position: Position;
  readonly readings: Readings;
  readonly snapshots: Snapshots;
}

/**
 * Step after step, and what is to be done between two of them. The device works on steps that are ahead of their readings; charts and health follow the
 * readings alone. The loop is driven by the promises of the executor, with no timer, so that a hidden tab trains on.
 */
export class Loop {
  private readonly idle: Idle;
  private readonly batches: Batches;

  constructor(
    private readonly session: SessionOptions,
    private readonly parts: LoopParts,
  ) {
    this.idle = new Idle(session.now);
    this.batches = new Batches(session.task, session.plan.stepsPerEpoch);
  }

  /** Trains until the run has an end, or has diverged (`Readings.diverged`). On return all readings are in. */
  async run(): Promise<EndReason> {
    this.session.checkpoints?.begin(this.parts.position.snapshotBytes);
    const reason = await this.steps();
    await this.parts.readings.catchUp();
    return reason;
  }

  private async steps(): Promise<EndReason> {
    const { plan, device, recipe, reporter, recorder, checkpoints, now, gentle, until = null } = this.session;
    const { commands, course, planned, log, evaluations, position, readings, snapshots } = this.parts;
    const { evaluateEvery } = plan;
    let ahead = position.step + 1;
    let next = this.batches.ahead(ahead);
    log.startTiming();
    while (position.step < course.totalSteps || commands.changes.length > 0 || planned.due(position.step)) {
      const began = now();
      await this.whilePaused();
      await this.makeChanges();
      await snapshots.give();
      if (commands.stopping || (until !== null && position.step >= until && position.step < course.totalSteps))
        return 'stopped';
      if (commands.abandoned) throw new StudioError('cancelled', 'Cancelled.');
      if (readings.diverged !== null || position.step >= course.totalSteps) break;
      const step = position.step + 1;
      reporter.phase('training', this.doing(step), position.step / course.totalSteps);
      // A run that had come to its end and was made longer has prepared nothing yet.
      if (ahead !== step) next = this.batches.ahead(step);
      const prepared = await next;
      if (step < course.totalSteps) next = this.batches.ahead((ahead = step + 1));
      const learningRate = course.rateAt(step);
      log.issued(step, { ...prepared, learningRate });
      const scalars = { step, learningRate, seed: mixSeed(recipe.seed, step) };
      await device.lock.run(() => position.trainer.step(prepared.inputs.data, scalars));
      position.step = step;
      await readings.takeReady();
      await yieldToMessages();
      const due = evaluateEvery > 0 && (step % evaluateEvery === 0 || planned.evaluates(step));
      if (due || commands.evaluation) await this.measure();
      else if (evaluateEvery === 0 && recorder.weightsDue) await evaluations.keepLast(step);
      if (commands.checkpoint || checkpoints?.due === true) await snapshots.checkpoint();
      if (planned.renewsPatience(step)) evaluations.renewPatience();
      if (evaluations.exhausted && step < course.totalSteps) return 'early-stopping';
      if (gentle?.() === true) await this.idle.rest(now() - began);
    }
    // What was prepared in vain must be done before anything else is.
    await next.catch(() => undefined);
    return 'finished';
  }

  private async whilePaused(): Promise<void> {
    const { commands, clock, log, evaluations, position, readings, snapshots } = this.parts;
    if (!commands.paused || commands.stopping) return;
    const { recorder, reporter } = this.session;
    await readings.catchUp();
    await recorder.flush();
    clock.pause();
    await snapshots.checkpoint();
    while (commands.paused && !commands.stopping && !commands.abandoned) {
      reporter.phase('paused', 'Paused');
      await this.makeChanges();
      if (commands.evaluation) await evaluations.measure(position.step);
      if (commands.checkpoint) await snapshots.checkpoint();
      await snapshots.give();
      await commands.somethingToDo();
    }
    clock.resume();
    log.startTiming();
  }

  private async makeChanges(): Promise<void> {
    const { commands, events, planned, position, snapshots } = this.parts;
    const parts = planned.partsAt(position.step);
    if (parts !== null) {
      await snapshots.checkpoint();
      throw parts;
    }
    const changes = [...planned.take(position.step), ...commands.changes.splice(0)];
    for (const change of changes) await events.change(change, position.step);
  }

  private async measure(): Promise<void> {
    const { log, evaluations, position, readings } = this.parts;
    await readings.catchUp();
    if (readings.diverged !== null) return;
    await evaluations.measure(position.step);
    log.startTiming();
  }

  /** What makes the steps of now slower than later ones, for people; empty where nothing does. */
  private doing(step: number): string {
    const { task, plan } = this.session;
    const work = task.frozenWork(epochOf(step, plan.stepsPerEpoch));
    if (work !== null) return `Computing features of the frozen layers: ${amountOf(work)}`;
    return this.parts.log.pace.secondsPerStep === null ? 'First step' : '';
  }
}
