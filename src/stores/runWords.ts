import { messageOf } from '../protocol/errors';
import { annotateRun } from '../runs/store';
import type { RunWords, StoredRun } from '../runs/types';
import { couldNotStore, isStored } from './unstored';

/** What was written about runs and storage has not taken, by run; `what` names it for the user. */
const held = new Map<string, { readonly words: RunWords; readonly what: string }>();

/** A run as it is stored, with what was written about it since and storage has not taken. */
export function withWords(run: StoredRun): StoredRun {
  return { ...run, ...held.get(run.id)?.words };
}

/**
 * Writes down what the user says about a run. Where storage does not take it, it is kept in memory, the page says so, and it is tried again.
 *
 * @param name of the run
 * @throws StudioError `busy` while the run is in progress
 */
export async function writeWords(runId: string, name: string, words: RunWords): Promise<void> {
  const before = held.get(runId);
  const mine = { words: { ...before?.words, ...words }, what: before?.what ?? `what you wrote about ${name}` };
  try {
    await annotateRun(runId, mine.words);
    held.delete(runId);
    isStored(mine.what);
  } catch (error) {
    if (!(error instanceof Error && error.name === 'StorageError')) throw error;
    held.set(runId, mine);
    couldNotStore(mine.what, messageOf(error), () => void writeWords(runId, name, {}).catch(() => undefined));
  }
}
