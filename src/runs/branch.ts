import { noCheckpoint } from './checkpoint-list';
import { putCheckpoint, readCheckpoint } from './checkpoints';
import {
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
 * @throws StudioError `no-checkpoint`
 */
export async function branchRun(runId: string, { id, name }: { readonly id: string; readonly name: string }) {
  const run = await readRun(runId);
  const { checkpoint, damaged } = await readCheckpoint(runId);
  if (run === null || checkpoint === null) throw noCheckpoint(run?.name ?? 'This run', damaged.length > 0);
  const { step } = checkpoint;
  const data = await readRunData(runId);
  if (data !== null) await putRunData(id, data);
  const rows = (await readMetrics(runId)).rows.filter((row) => row.step <= step);
  await replaceMetrics(id, rows, chunkRows);
  await putCheckpoint(id, checkpoint);
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
  if (delta === null) await putRun(copy);
  else await putWeights(copy, delta);
  return id;
}
