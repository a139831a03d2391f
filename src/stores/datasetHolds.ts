import type { Run } from '../runs/types';
import type { LiveRun } from './liveRun';

/** Why something cannot be done with a dataset just now, for the user; null where it can. */
export interface DatasetHolds {
  /** Of deleting the dataset. */
  readonly remove: string | null;
  /** Of deleting one of its pictures. */
  readonly removePicture: string | null;
  /** Of splitting it again. */
  readonly split: string | null;
}

/** What may be at work on a dataset. */
export interface DatasetWork {
  readonly importing: boolean;
  readonly live: Pick<LiveRun, 'runId' | 'name' | 'datasetId' | 'end'> | null;
  /** Stored runs; those of other tabs are among them. */
  readonly runs: readonly Pick<Run, 'id' | 'name' | 'state' | 'dataset'>[] | null;
}

/**
 * What an import and a run forbid. A run reads its pictures as it needs them, so none may go while it trains; it has its splits from its start, so
 * they may change.
 */
export function datasetHolds(datasetId: string | null, work: DatasetWork): DatasetHolds {
  const run = runOn(datasetId, work);
  const training =
    run === null ? null : `${run} is training on these pictures. Wait for its end, or stop it on the Train page.`;
  const adding = work.importing ? 'Pictures are being added. Wait for them, or cancel.' : null;
  return { remove: adding ?? training, removePicture: training, split: adding };
}

/** Name of the run that trains on a dataset, of this tab or another. */
function runOn(datasetId: string | null, { live, runs }: DatasetWork): string | null {
  if (live !== null && live.end === null && live.datasetId === datasetId) return live.name;
  // The record of this tab's own run may still say that it runs when it has just ended.
  const other = runs?.find(
    ({ id, state, dataset }) => state === 'running' && dataset.id === datasetId && id !== live?.runId,
  );
  return other?.name ?? null;
}
