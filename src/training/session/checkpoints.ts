import {
  clearCheckpoints,
  dropCheckpointsAfter,
  putCheckpoint,
  readCheckpoint,
  type Checkpoint,
  type FoundCheckpoint,
} from '../../runs/checkpoints';
import type { Computer } from '../../runs/computer';
import { listRuns } from '../../runs/store';
import { withRoom } from '../../storage/feature-cache/here';
import { waiting, withRetries, type Wait } from '../../storage/retry';
import { isQuotaExceeded, messageOf } from '../../protocol/errors';
import { checkpointInterval, checkpointShare } from '../data/storing-intervals';
import { sessionStateSchema, type SessionSnapshot } from './state';

/** Bytes that a checkpoint is expected to keep in a millisecond, until one has been timed. */
const expectedRate = 100_000;
/** Bytes of a checkpoint that may be held in memory where storage does not take it. */
const mostHeld = 256 * 2 ** 20;

/** What became of a checkpoint. */
export interface CheckpointResult {
  readonly step: number;
  /** Why it is not stored, a sentence for the user; null where it is. */
  readonly problem: string | null;
}

/** Where a run can go on. */
export interface NewestCheckpoint {
  /** Null where there is no checkpoint that is whole. */
  readonly snapshot: SessionSnapshot | null;
  /** Steps of later checkpoints that turned out to be damaged. */
  readonly damaged: readonly number[];
}

/** Where checkpoints of a run lie; the database in the worker. */
export interface CheckpointStorage {
  put(checkpoint: Checkpoint): Promise<boolean>;
  read(): Promise<FoundCheckpoint>;
  /** Removes those behind a step. */
  dropAfter(step: number): Promise<void>;
}

/**
 * Keeps checkpoints of a run at intervals that grow with what one costs, and with what they have cost so far: where one took longer than expected, the next
 * waits until all of them are within their share again. A checkpoint that cannot be stored ends nothing: the one before stays, it is
 * held in memory as long as the worker lives, and the user is told.
 */
export class Checkpoints {
  /** When the last one was done, or training began. */
  private done: number;
  /** Milliseconds that the last one took; before there is one, what it is expected to take. */
  private cost = 0;
  private timed = false;
  /** When time began to count, and what checkpoints that nobody asked for have taken since. */
  private began: number;
  private spent = 0;
  /** What computes the run, which its checkpoints say; null while it is not known. */
  computer: Computer | null = null;
  /** One that is newer than those that are stored. */
  private held: SessionSnapshot | null = null;

  constructor(
    private readonly storage: CheckpointStorage,
    /** Milliseconds, monotonic. */
    private readonly now: () => number,
    private readonly wait: Wait = waiting,
  ) {
    this.done = this.began = now();
  }

  /**
   * Training begins, from when on time counts.
   *
   * @param bytes of a checkpoint
   */
  begin(bytes: number): void {
    this.done = this.began = this.now();
    this.spent = 0;
    if (!this.timed) this.cost = bytes / expectedRate;
  }

  /** True when the last one is long enough ago for the next, and all of them leave room for it. */
  get due(): boolean {
    const now = this.now();
    const room = checkpointShare * (now - this.began) - this.spent;
    return now - this.done >= checkpointInterval(this.cost) && room >= this.cost;
  }

  /** @param take gives the run as it is now */
  async keep(take: () => Promise<SessionSnapshot>): Promise<CheckpointResult> {
    const { due } = this;
    const began = this.now();
    const taken = await take();
    const { computer } = this;
    const snapshot = computer === null ? taken : { ...taken, state: { ...taken.state, computer } };
    const { step } = snapshot.state;
    const problem = await this.write(snapshot);
    this.done = this.now();
    this.cost = this.done - began;
    if (due) this.spent += this.cost;
    this.timed = true;
    return { step, problem };
  }

  /** The newest checkpoint, of memory or storage, and those that turned out to be damaged. Throws where storage cannot be read. */
  async find(): Promise<NewestCheckpoint> {
    if (this.held !== null) return { snapshot: this.held, damaged: [] };
    const { checkpoint, damaged } = await withRetries(
      () => this.storage.read(),
      () => false,
      this.wait,
    );
    return { snapshot: checkpoint && { ...checkpoint, state: sessionStateSchema.parse(checkpoint.state) }, damaged };
  }

  /** The newest checkpoint; null where there is none. A failure to read it is none to have. */
  async newest(): Promise<SessionSnapshot | null> {
    return this.find().then(
      ({ snapshot }) => snapshot,
      () => null,
    );
  }

  /** Forgets the checkpoints behind a step, such as one that turned out to lead nowhere. */
  async dropAfter(step: number): Promise<void> {
    if (this.held !== null && this.held.state.step > step) this.held = null;
    await this.storage.dropAfter(step).catch(() => undefined);
  }

  private async write(snapshot: SessionSnapshot): Promise<string | null> {
    const { state, weights, trainer } = snapshot;
    try {
      const sound = await withRetries(
        () => this.storage.put({ step: state.step, state, weights, trainer }),
        isQuotaExceeded,
        this.wait,
      );
      if (!sound) return 'The weights hold numbers that are not finite, so that no checkpoint was made of them.';
      this.held = null;
      return null;
    } catch (error) {
      this.held = bytesOf(snapshot) <= mostHeld ? snapshot : null;
      const instead =
        this.held === null ? '' : ' It is kept in memory, which lasts as long as this tab; storing is tried again.';
      return isQuotaExceeded(error)
        ? `There is no room for a further checkpoint. Delete runs, datasets or models that you no longer need.${instead}`
        : `The checkpoint could not be stored (${messageOf(error)}).${instead}`;
    }
  }
}

function bytesOf({ weights, trainer }: SessionSnapshot): number {
  return [...weights.values(), ...trainer.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** Runs whose checkpoints must stay: the given one, and those that were interrupted and may be gone on with. */
async function needed(runId: string): Promise<ReadonlySet<string>> {
  const { items } = await listRuns();
  const broken = items.filter(({ state }) => state === 'interrupted' || state === 'failed');
  return new Set([runId, ...broken.map(({ id }) => id)]);
}

/** The checkpoints of a run in the database. Where there is no room, caches go first, then checkpoints of runs that have ended. */
export function storedCheckpoints(runId: string): CheckpointStorage {
  return {
    async put(checkpoint) {
      const write = (): Promise<boolean> => withRoom(() => putCheckpoint(runId, checkpoint));
      try {
        return await write();
      } catch (error) {
        if (!isQuotaExceeded(error) || (await clearCheckpoints(await needed(runId))) === 0) throw error;
        return write();
      }
    },
    read: () => readCheckpoint(runId, (state) => sessionStateSchema.safeParse(state).success),
    dropAfter: (step) => dropCheckpointsAfter(runId, step),
  };
}
