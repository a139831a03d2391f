import { usingDataset } from '../../dataset/holds';
import { usingBaseModel } from '../../runs/base-model';
import { asTrainer } from '../../runs/lock';
import { readRun } from '../../runs/store';
import { holdingDatabase } from '../../storage/db';
import { isCancelled, StudioError } from '../../protocol/errors';
import type { Requests } from '../../protocol/protocol';
import type { UnstoredWeights, StopKeeping } from '../../protocol/run-control';
import type { TrainingSession } from '../session/session';
import { attemptRun, type AttemptServices, type RunStart } from './run-attempt';

export interface TrainingServices extends AttemptServices {
  /** Ends what else works on the device for its own sake, as soon as a run is to begin. */
  readonly makeWay: () => Promise<void>;
}

/** Starts runs, one at a time over all tabs, and passes commands on to the one in progress. */
export class TrainingService {
  private session: TrainingSession | null = null;
  private preparing: AbortController | null = null;
  private starting = false;
  private gentle = false;

  constructor(private readonly services: TrainingServices) {}

  get busy(): boolean {
    return this.starting;
  }

  /**
   * Trains to the end of the run. What goes wrong before its first step rejects; from then on every end is an event.
   *
   * @throws StudioError `busy` while another run is in progress, here or in another tab
   */
  train(params: Requests['train']['params'], signal: AbortSignal): Promise<Requests['train']['result']> {
    return this.alone({ ...params, left: null, goesOn: null }, signal);
  }

  /**
   * Goes on with a run from its newest checkpoint, as `train` begins one.
   *
   * @throws StudioError `busy`; `not-found`; `no-checkpoint`; `mismatch` where its data or its model are not what they were
   */
  async goOn(
    { runId, change, until, anyway = false }: Requests['goOn']['params'],
    signal: AbortSignal,
  ): Promise<Requests['train']['result']> {
    const run = await readRun(runId);
    if (run === null) throw new StudioError('not-found', 'This run is not stored here any more.');
    const { name, recipe, dataset } = run;
    return this.alone(
      {
        runId,
        name,
        recipe,
        datasetId: dataset.id,
        ...(until === undefined ? {} : { until }),
        left: run,
        goesOn: { change: change ?? null, anyway },
      },
      signal,
    );
  }

  private async alone(params: RunStart, signal: AbortSignal): Promise<Requests['train']['result']> {
    if (this.starting) throw new StudioError('busy', 'A run is in progress. Wait for its end, or stop it.');
    this.starting = true;
    const stopped = new AbortController();
    this.preparing = stopped;
    let unstored: UnstoredWeights | null = null;
    try {
      await this.services.makeWay();
      const either = AbortSignal.any([signal, stopped.signal]);
      const done = await asTrainer(params.runId, () =>
        holdingDatabase(() => this.holding(params, () => this.inMemory(params, either))),
      );
      if (done === null) {
        throw new StudioError('busy', 'Another tab is training. Wait for its end, or stop it there.');
      }
      unstored = done.value;
    } catch (error) {
      if (!stopped.signal.aborted || !isCancelled(error)) throw error;
      const message = 'Stopped before the first step.';
      this.services.send({ type: 'ended', runId: params.runId, reason: 'stopped', message, bestStep: null });
    } finally {
      this.starting = false;
      this.preparing = null;
    }
    return { runId: params.runId, unstored };
  }

  /** Leaves the device idle part of the time, or no longer, in this run and in those to come. */
  beGentle(gentle: boolean): void {
    this.gentle = gentle;
  }

  /**
   * Passes something on to the run in progress.
   * @throws StudioError `not-running`
   */
  command(tell: (commands: TrainingSession['commands']) => void): void {
    if (this.session !== null) {
      tell(this.session.commands);
      return;
    }
    throw new StudioError(
      'not-running',
      this.starting ? 'The run is still being prepared. Try again in a moment.' : 'No run is in progress.',
    );
  }

  /** Stops the run in progress, or the preparations for one. */
  stop(keep: StopKeeping): void {
    if (this.session === null && this.preparing !== null) {
      this.preparing.abort(new StudioError('cancelled', 'Cancelled.'));
    } else this.command((commands) => commands.stop(keep));
  }

  /** Does `work` while neither the pictures nor the model of a run can be deleted, in whichever tab. */
  private holding<T>({ datasetId, recipe }: RunStart, work: () => Promise<T>): Promise<T> {
    const stored = this.services.models.storedAs(recipe.model);
    return usingDataset(datasetId, () => usingBaseModel(stored, work));
  }

  /** Trains. Where memory does not suffice, batches are computed in more parts, as often as that helps. */
  private async inMemory(params: RunStart, signal: AbortSignal): Promise<UnstoredWeights | null> {
    let start = params;
    for (;;) {
      const done = await attemptRun(this.services, start, {
        signal,
        gentle: () => this.gentle,
        onSession: (session) => (this.session = session),
      });
      if (!('again' in done)) return done.unstored;
      start = { ...params, left: done.again, goesOn: null };
    }
  }
}
