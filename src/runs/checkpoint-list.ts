import { StudioError } from '../protocol/errors';
import { database } from '../storage/db';

/** Of which runs there are checkpoints, which is all that a page has to know of them; `checkpoints` writes and reads them. */

/** Keys sort by step. */
export const checkpointFolder = (runId: string, step: number): string => `${runId}/${String(step).padStart(9, '0')}`;
export const everyKeyBelow = (prefix: string): IDBKeyRange => IDBKeyRange.bound(prefix, `${prefix}\uffff`);
const stepOf = (key: string): number => Number(key.slice(key.lastIndexOf('/') + 1).split('#')[0]);

/** Steps of the checkpoints of a run, newest first. */
export async function checkpointSteps(runId: string): Promise<readonly number[]> {
  const db = await database();
  return (await db.getAllKeys('checkpoints', everyKeyBelow(`${runId}/`))).map(stepOf).sort((a, b) => b - a);
}

/** The newest step of which each run has a checkpoint, by its id. */
export async function newestCheckpoints(): Promise<ReadonlyMap<string, number>> {
  const db = await database();
  const newest = new Map<string, number>();
  for (const key of await db.getAllKeys('checkpoints')) newest.set(key.slice(0, key.lastIndexOf('/')), stepOf(key));
  return newest;
}

/**
 * What a run without a usable checkpoint is told.
 *
 * @param damaged there were some
 */
export function noCheckpoint(name: string, damaged = false): StudioError {
  return new StudioError(
    'no-checkpoint',
    damaged
      ? `The checkpoints of “${name}” are damaged, so it cannot go on. Its curves and the weights that it kept stay. Start a new run with its recipe instead.`
      : `“${name}” has no checkpoint that it could go on from. Start a new run with its recipe instead.`,
  );
}
