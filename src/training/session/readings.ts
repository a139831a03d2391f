import type { StepReading } from '../../engine/executor';
import type { StepTrouble } from '../../protocol/run-events';
import { epochOf } from './batches';
import type { Course } from './course';
import type { EventLog } from './event-log';
import type { Position } from './position';
import type { SessionOptions } from './session-options';
import type { StepLog } from './step-log';

interface ReadingsOptions extends Pick<SessionOptions, 'plan' | 'task' | 'device' | 'recorder' | 'reporter'> {
  readonly course: Course;
  readonly events: EventLog;
  readonly log: StepLog;
  readonly position: Position;
}

/** Takes in what the device says of its steps: rows of the chart go to page and record, and what is wrong with steps is noted. */
export class Readings {
  /** Why the run must go back before it goes on; null where it need not. */
  diverged: StepTrouble | null = null;

  constructor(private readonly options: ReadingsOptions) {}

  /** Takes in those that are there. */
  async takeReady(): Promise<void> {
    await this.take(await this.options.position.trainer.readings(false));
  }

  /** Waits for all steps in flight and takes in theirs. */
  async catchUp(): Promise<void> {
    const { device, reporter, position } = this.options;
    await this.take(await device.lock.run(() => position.trainer.readings(true)));
    reporter.flush();
  }

  /** Forgets what is known of steps that the run goes back before. */
  forget(): void {
    this.diverged = null;
    this.options.log.forget();
  }

  private async take(readings: readonly StepReading[]): Promise<void> {
    const { recorder, reporter, log, events } = this.options;
    const { rows, troubles, diverged } = await log.take(readings);
    if (readings.length === 0) return;
    reporter.steps(rows, this.secondsLeft());
    await recorder.steps(rows);
    for (const { step, reason } of troubles) await events.note({ kind: 'skipped', step, at: Date.now(), reason });
    this.diverged ??= diverged;
  }

  private secondsLeft(): number | null {
    const { plan, task, course, log, position } = this.options;
    // Steps that compute outputs of frozen layers tell nothing of those that start from them.
    if (task.frozenWork(epochOf(position.step, plan.stepsPerEpoch)) !== null) return null;
    const steps = course.totalSteps - position.step;
    return log.pace.left(steps, plan.evaluateEvery === 0 ? 0 : Math.ceil(steps / plan.evaluateEvery));
  }
}
