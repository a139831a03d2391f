import type { RunEvent } from '../../protocol/run-events';
import type { RunChange } from '../../protocol/run-control';
import type { Run } from '../../runs/types';
import type { Course } from './course';
import type { Recorder } from './recorder';
import type { Reporter } from './reporter';

interface Witnesses {
  readonly recorder: Recorder;
  readonly reporter: Reporter;
}

/**
 * Writes down what came between in a run, and tells the page.
 *
 * @param change of the record, which becomes true with it
 */
export async function noteEvent(
  { recorder, reporter }: Witnesses,
  event: RunEvent,
  change: Partial<Run> = {},
): Promise<void> {
  await recorder.happened(event, change);
  const { id: runId, totalSteps } = recorder.record;
  reporter.event({ type: 'happened', runId, event, totalSteps });
}

/** Notes what comes between in a run while it trains, and lets it take effect on the steps to come. */
export class EventLog {
  constructor(
    private readonly course: Course,
    private readonly witnesses: Witnesses,
  ) {}

  async note(event: RunEvent): Promise<void> {
    this.course.take(event);
    const { totalSteps } = this.course;
    await noteEvent(this.witnesses, event, { totalSteps });
  }

  /** Changes rate and length as the user has asked, behind a step; the run cannot be shorter than that. */
  async change({ learningRate, totalSteps }: RunChange, step: number): Promise<void> {
    const { course } = this;
    const at = { step, at: Date.now() };
    const from = course.peakAfter(step);
    if (learningRate !== undefined && learningRate !== from) {
      await this.note({ kind: 'rate', ...at, from, to: learningRate });
    }
    const to = Math.max(totalSteps ?? course.totalSteps, step);
    if (to !== course.totalSteps) await this.note({ kind: 'length', ...at, from: course.totalSteps, to });
  }
}
