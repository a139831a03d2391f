import { clearCheckpoints, putCheckpoint, type Checkpoint } from '../../runs/checkpoints';
import { withRoom } from '../../storage/feature-cache/here';
import { isQuotaExceeded, messageOf } from '../../protocol/errors';
import type { SessionSnapshot } from './state';

/** Most of a run's time that checkpoints may take. */
const share = 0.03;
/** Least milliseconds between two that nobody asked for. */
const least = 10_000;
/** How often a write that failed is tried again, and the first wait in milliseconds; each further one is twice as long. */
const retries = 2;
const firstWait = 200;

/** What became of a checkpoint. */
export interface CheckpointResult {
  readonly step: number;
  /** Why it is not stored, a sentence for the user; null where it is. */
  readonly problem: string | null;
}

/** Writes a checkpoint down; `putCheckpoint` in the worker. */
export type PutCheckpoint = (runId: string, checkpoint: Checkpoint) => Promise<boolean>;

/**
 * Keeps checkpoints of a run at intervals that grow with what one costs. A checkpoint that cannot be stored ends nothing: the one before stays,
 * and the user is told.
 */
export class Checkpoints {
  /** When the last one was done, or the run began. */
  private done: number;
  /** Milliseconds that the last one took. */
  private cost = 0;

  constructor(
    private readonly runId: string,
    /** Milliseconds, monotonic. */
    private readonly now: () => number,
    private readonly put: PutCheckpoint = (runId, checkpoint) => stored(runId, checkpoint),
    private readonly wait: (milliseconds: number) => Promise<void> = (milliseconds) =>
      new Promise((resolve) => setTimeout(resolve, milliseconds)),
  ) {
    this.done = now();
  }

  /** True when the last one is long enough ago for the next. */
  get due(): boolean {
    return this.now() - this.done >= Math.max(least, this.cost / share);
  }

  /** @param take gives the run as it is now */
  async keep(take: () => Promise<SessionSnapshot>): Promise<CheckpointResult> {
    const began = this.now();
    const { state, weights, trainer } = await take();
    const { step } = state;
    const problem = await this.write({ step, state, weights, trainer });
    this.done = this.now();
    this.cost = this.done - began;
    return { step, problem };
  }

  private async write(checkpoint: Checkpoint): Promise<string | null> {
    for (let attempt = 0; ; attempt++) {
      try {
        const sound = await this.put(this.runId, checkpoint);
        return sound ? null : 'The weights hold numbers that are not finite, so that no checkpoint was made of them.';
      } catch (error) {
        if (isQuotaExceeded(error)) {
          return 'There is no room for a further checkpoint. Delete runs, datasets or models that you no longer need.';
        }
        if (attempt === retries) return `The checkpoint could not be stored (${messageOf(error)}).`;
        await this.wait(firstWait * 2 ** attempt);
      }
    }
  }
}

/** Where there is no room, caches go first, then checkpoints of runs that are over. */
async function stored(runId: string, checkpoint: Checkpoint): Promise<boolean> {
  const write = (): Promise<boolean> => withRoom(() => putCheckpoint(runId, checkpoint));
  try {
    return await write();
  } catch (error) {
    if (!isQuotaExceeded(error) || (await clearCheckpoints(new Set([runId]))) === 0) throw error;
    return write();
  }
}
