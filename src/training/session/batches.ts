import type { TrainingTask } from '../tasks/task';
import type { Prepared } from './step-log';

/** Which time the samples are gone through at a step, from 0 on. */
export function epochOf(step: number, stepsPerEpoch: number): number {
  return Math.floor((step - 1) / stepsPerEpoch);
}

/** Prepares batches, each while the step before it runs. Those of an epoch are drawn once. */
export class Batches {
  private drawn: readonly (readonly number[])[] = [];
  private epoch = -1;

  constructor(
    private readonly task: Pick<TrainingTask, 'batches' | 'inputs'>,
    private readonly stepsPerEpoch: number,
  ) {}

  /** Begins to prepare the batch of a step. A failure is thrown by whoever awaits it. */
  ahead(step: number): Promise<Prepared> {
    const prepared = this.prepare(step);
    prepared.catch(() => undefined);
    return prepared;
  }

  private async prepare(step: number): Promise<Prepared> {
    const { task, stepsPerEpoch } = this;
    const epoch = epochOf(step, stepsPerEpoch);
    if (epoch !== this.epoch) {
      this.drawn = task.batches(epoch);
      this.epoch = epoch;
    }
    const batch = this.drawn[(step - 1) % stepsPerEpoch] ?? [];
    return { inputs: await task.inputs(batch, epoch), samples: batch.length };
  }
}
