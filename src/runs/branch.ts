import { noCheckpoint } from './checkpoint-list';
import { putCheckpoint, readCheckpoint } from './checkpoints';
import { storing } from '../storage/storing';
import {
  deleteRun,
  putRun,
  putRunData,
  putWeights,
  readMetrics,
  readRun,
  readRunData,
  replaceMetrics,
  storedDelta,
} from './store';

/** Rows of one stored chunk of metrics. */
const chunkRows = 500;

/**
 * Copies a run with all that it needs to go on from its newest checkpoint: the copy may take another way from there, and the run stays as it is. The
 * record comes last, so that there is no run whose parts are not there.
 *
 * @returns the id of the copy
 * @throws StudioError `no-checkpoint`; StorageError, and nothing of the copy stays then
 */
export async function branchRun(runId: string, { id, name }: { readonly id: string; readonly name: string }) {
  const run = await readRun(runId);
  const { checkpoint, damaged } = await readCheckpoint(runId);
  if (run === null || checkpoint === null) throw noCheckpoint(run?.name ?? 'This run', damaged.length > 0);
  const { step } = checkpoint;
  const data = await readRunData(runId);
  const rows = (await readMetrics(runId)).rows.filter((row) => row.step <= step);
  const now = Date.now();
  const copy = {
    ...run,
    id,
    name,
    state: 'interrupted' as const,
    message: '',
    createdAt: now,
    endedAt: null,
    stepsDone: step,
    events: [...run.events, { kind: 'branched' as const, step, at: now, run: run.name }],
    evaluations: run.evaluations.filter((own) => own.step <= step || own.step === run.weightsStep),
    test: null,
    // It goes its own way.
    sweep: null,
  };
  const delta = storedDelta(run);
  try {
    if (data !== null) await storing(() => putRunData(id, data));
    await storing(() => replaceMetrics(id, rows, chunkRows));
    await storing(() => putCheckpoint(id, checkpoint));
    await storing(() => (delta === null ? putRun(copy) : putWeights(copy, delta)));
  } catch (error) {
    // Nobody would find the parts of a run that has no record.
    await deleteRun(id).catch(() => undefined);
    throw error;
  }
  return id;
}
