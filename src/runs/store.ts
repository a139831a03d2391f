import { z } from 'zod';
import { database } from '../storage/db';
import { cutPieces, joinPieces, PIECE_BYTES, pieceSuffix } from '../storage/pieces';
import { runsInProgress } from './lock';
import { runSchema, stepMetricsSchema, type Run } from './types';

/** Run records, their metric rows and the tensors they changed, in IndexedDB. Everything read is validated before it is believed. */

type StepMetrics = z.infer<typeof stepMetricsSchema>;

const everyKeyBelow = (prefix: string): IDBKeyRange => IDBKeyRange.bound(prefix, `${prefix}\uffff`);
const metricsOf = (runId: string): IDBKeyRange => IDBKeyRange.bound([runId, -Infinity], [runId, Infinity]);

/** Tensors are stored per step, so that a save never touches the pieces that the record still points to. */
const tensorKey = (runId: string, step: number, name: string): string => `${runId}/${step}/${name}`;

/** A run whose tab closed while it was training is called interrupted; its charts and best weights stay usable. */
function settle(run: Run, inProgress: ReadonlySet<string> | null): Run {
  if (run.state !== 'running' || inProgress === null || inProgress.has(run.id)) return run;
  return {
    ...run,
    state: 'interrupted',
    message:
      run.weightsStep === null
        ? 'The tab was closed before the first weights were kept.'
        : `The tab was closed while the run was training. The weights of step ${run.weightsStep} are kept.`,
  };
}

/** All readable runs, newest first. Records that do not fit the schema are left out. */
export async function listRuns(): Promise<readonly Run[]> {
  const db = await database();
  const inProgress = await runsInProgress();
  const records = await db.getAll('runs');
  return records
    .flatMap((record) => {
      const run = runSchema.safeParse(record);
      return run.success ? [settle(run.data, inProgress)] : [];
    })
    .sort((a, b) => b.createdAt - a.createdAt);
}

/** A run, or null when there is none of that id or its record is damaged. */
export async function readRun(runId: string): Promise<Run | null> {
  const db = await database();
  const run = runSchema.safeParse(await db.get('runs', runId));
  return run.success ? settle(run.data, await runsInProgress()) : null;
}

/** Writes the whole record. */
export async function putRun(run: Run): Promise<void> {
  const db = await database();
  await db.put('runs', runSchema.parse(run), run.id);
}

/** Gives a run another name; unknown runs are left alone. */
export async function renameRun(runId: string, name: string): Promise<void> {
  const db = await database();
  const transaction = db.transaction('runs', 'readwrite');
  const record: unknown = await transaction.store.get(runId);
  if (record !== undefined) await transaction.store.put({ ...(record as object), name }, runId);
  await transaction.done;
}

/** Removes a run with its metrics and tensors, all or nothing. */
export async function deleteRun(runId: string): Promise<void> {
  const db = await database();
  const transaction = db.transaction(['runs', 'runMetrics', 'runTensors'], 'readwrite');
  await Promise.all([
    transaction.objectStore('runs').delete(runId),
    transaction.objectStore('runMetrics').delete(metricsOf(runId)),
    transaction.objectStore('runTensors').delete(everyKeyBelow(`${runId}/`)),
    transaction.done,
  ]);
}

/** Writes a chunk of metric rows; a chunk that begins with the same step is replaced. */
export async function putMetrics(runId: string, rows: readonly StepMetrics[]): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const db = await database();
  await db.put('runMetrics', rows, [runId, first.step]);
}

/** All metric rows of a run, in the order of steps. */
export async function readMetrics(runId: string): Promise<readonly StepMetrics[]> {
  const db = await database();
  const chunks = await db.getAll('runMetrics', metricsOf(runId));
  return chunks.flatMap((chunk) => {
    const rows = z.array(stepMetricsSchema).safeParse(chunk);
    return rows.success ? rows.data : [];
  });
}

/**
 * Keeps the changed tensors of a run as they are after `run.weightsStep` and then writes the record that points to them; only after that the
 * earlier tensors go. Whatever happens in between, the stored record names tensors that are wholly there.
 *
 * @throws DOMException `QuotaExceededError` when there is no room; the earlier record and tensors are untouched then
 */
export async function putWeights(run: Run, tensors: ReadonlyMap<string, Float32Array>): Promise<void> {
  const { id, weightsStep } = run;
  if (weightsStep === null) throw new Error('A run with weights must say of which step they are.');
  const db = await database();
  const folder = `${id}/${weightsStep}/`;
  try {
    for (const [name, values] of tensors) {
      let index = 0;
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      for (const piece of cutPieces(bytes)) {
        await db.put('runTensors', piece, tensorKey(id, weightsStep, name) + pieceSuffix(index++));
      }
    }
    await putRun({ ...run, tensors: [...tensors.keys()] });
  } catch (error) {
    const kept = await readRun(id);
    if (kept?.weightsStep !== weightsStep) await db.delete('runTensors', everyKeyBelow(folder));
    throw error;
  }
  const keys = await db.getAllKeys('runTensors', everyKeyBelow(`${id}/`));
  const stale = keys.filter((key) => !key.startsWith(folder));
  const transaction = db.transaction('runTensors', 'readwrite');
  await Promise.all([...stale.map((key) => transaction.store.delete(key)), transaction.done]);
}

/**
 * The tensors that a run changed, by checkpoint name.
 *
 * @throws Error naming the tensor when a piece is missing
 */
export async function readWeights(run: Run): Promise<Map<string, Float32Array>> {
  const tensors = new Map<string, Float32Array>();
  if (run.weightsStep === null) return tensors;
  const db = await database();
  for (const name of run.tensors) {
    const pieces = await db.getAll('runTensors', everyKeyBelow(`${tensorKey(run.id, run.weightsStep, name)}#`));
    const whole = pieces.length > 0 && pieces.slice(0, -1).every((piece) => piece.byteLength === PIECE_BYTES);
    if (!whole) throw new Error(`The stored weights of the run "${run.name}" are damaged: "${name}" is missing.`);
    tensors.set(name, new Float32Array(joinPieces(pieces).buffer));
  }
  return tensors;
}

/** Bytes of a run's stored tensors. */
export async function weightBytes(runId: string): Promise<number> {
  const db = await database();
  let bytes = 0;
  let cursor = await db.transaction('runTensors').store.openCursor(everyKeyBelow(`${runId}/`));
  while (cursor !== null) {
    bytes += cursor.value.byteLength;
    cursor = await cursor.continue();
  }
  return bytes;
}
