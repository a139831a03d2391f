import type { StepReading } from '../../engine/executor';
import type { StepTrouble } from '../../protocol/run-events';
import type { StepMetrics } from '../../protocol/training';
import type { BatchInputs, TrainingTask } from '../tasks/task';
import type { RunPlan } from '../data/plan';
import { HealthCheck } from './health';
import { Pace, type RunClock } from './run-clock';

/** A batch that is ready for its step. */
export interface Prepared {
  readonly inputs: BatchInputs;
  readonly samples: number;
}

/** A step that the device is at, with what it was told. */
interface Issued extends Prepared {
  readonly learningRate: number;
}

/** What readings of the device come to. */
interface Taken {
  readonly rows: readonly StepMetrics[];
  /** Steps that were unusable, and why. */
  readonly troubles: readonly { readonly step: number; readonly reason: StepTrouble }[];
  /** Why the run must not go on from here; null where it may. */
  readonly diverged: StepTrouble | null;
}

interface StepLogOptions {
  readonly task: Pick<TrainingTask, 'stepMetrics'>;
  readonly plan: Pick<RunPlan, 'stepsPerEpoch' | 'batchSize'>;
  readonly clock: RunClock;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** Turns readings of the device into rows of the chart, and watches over them. */
export class StepLog {
  readonly health = new HealthCheck();
  readonly pace = new Pace();
  private readonly inFlight = new Map<number, Issued>();
  /** When the steps in flight began to have the device for themselves. */
  private mark = 0;

  constructor(private readonly options: StepLogOptions) {}

  /** Says what a step was told that the device is given. */
  issued(step: number, issued: Issued): void {
    this.inFlight.set(step, issued);
  }

  /** Forgets the steps in flight: the run goes on from before them. */
  forget(): void {
    this.inFlight.clear();
  }

  /** From now on the device works on steps alone. */
  startTiming(): void {
    this.mark = this.options.now();
  }

  async take(readings: readonly StepReading[]): Promise<Taken> {
    const { now, plan, task, clock } = this.options;
    const rows: StepMetrics[] = [];
    const troubles: { step: number; reason: StepTrouble }[] = [];
    let diverged: StepTrouble | null = null;
    if (readings.length === 0) return { rows, troubles, diverged };
    this.pace.steps(readings.length, (now() - this.mark) / 1000);
    this.startTiming();
    const extras = await task.stepMetrics(readings);
    const seconds = clock.seconds();
    for (const [index, reading] of readings.entries()) {
      const { step, loss, gradNorm } = reading;
      const issued = this.inFlight.get(step);
      this.inFlight.delete(step);
      const judgement = this.health.judge(reading, issued?.inputs.trivial ?? false);
      if (judgement.trouble !== null) troubles.push({ step, reason: judgement.trouble });
      if (judgement.diverged) diverged = judgement.trouble;
      if (!judgement.charted) continue;
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
    return { rows, troubles, diverged };
  }
}
