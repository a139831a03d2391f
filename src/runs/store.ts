import type { z } from 'zod';
import { isFields } from '../recipe/versions';
import { database } from '../storage/db';
import { cutPieces, joinPieces, pieceBytes, pieceSuffix } from '../storage/pieces';
import { damagedRecord, type DamagedRecord } from '../storage/records';
import { storing } from '../storage/storing';
import { StudioError } from '../protocol/errors';
import { runsInProgress } from './lock';
import { readRows, readRunRecord, runRecord } from './records';
import { runDataSchema, type Run, type RunData, type RunWords, type stepMetricsSchema, type StoredRun } from './types';
import type { TestResult } from '../protocol/training';
import type { WeightDelta } from './weight-set';

/** Run records, their metric rows and the tensors they changed, in IndexedDB. Everything read is validated before it is believed. */

type StepMetrics = z.infer<typeof stepMetricsSchema>;

const everyKeyBelow = (prefix: string): IDBKeyRange => IDBKeyRange.bound(prefix, `${prefix}\uffff`);
const metricsOf = (runId: string): IDBKeyRange => IDBKeyRange.bound([runId, -Infinity], [runId, Infinity]);

/** Tensors are stored per step, so that a save never touches the pieces that the record still points to. */
const tensorKey = (runId: string, step: number, name: string): string => `${runId}/${step}/${name}`;

/** A run whose page or worker ended without a word is called interrupted; its charts and the weights that it kept stay usable. */
function settle(run: StoredRun, inProgress: ReadonlySet<string> | null): StoredRun {
  if (run.state !== 'running' || inProgress === null || inProgress.has(run.id)) return run;
  return { ...run, ...interruption(run, 'The page was closed, reloaded or crashed') };
}

/** @param cause a sentence without its full stop */
function interruption(run: StoredRun, cause: string): Partial<Run> & Pick<Run, 'state' | 'message'> {
  const state = 'interrupted';
  if (run.weightsStep === null || run.weightsStep === 0) {
    const before =
      run.evaluations.length === 0 ? 'the first weights were kept' : 'any step was better than the base model';
    return { state, message: `${cause} before ${before}.`, bestStep: null, weightsStep: null };
  }
  return { state, message: `${cause} while the run was training. The weights of step ${run.weightsStep} are kept.` };
}

/**
 * Writes down why a run ended whose worker could not do so itself; runs that have ended, and unknown ones, are left alone.
 *
 * @param cause what happened, as a sentence without its full stop
 */
export function interruptRun(runId: string, cause: string): Promise<void> {
  return amendRun(runId, (run) =>
    run.state === 'running' ? { ...interruption(run, cause), endedAt: Date.now() } : null,
  );
}

/** All runs, newest first, and the records that cannot be read as runs any more. */
export async function listRuns(): Promise<{
  readonly items: readonly StoredRun[];
  readonly damaged: readonly DamagedRecord[];
}> {
  const inProgress = await runsInProgress();
  const transaction = (await database()).transaction('runs');
  const [keys, records] = await Promise.all([transaction.store.getAllKeys(), transaction.store.getAll()]);
  const items: StoredRun[] = [];
  const damaged: DamagedRecord[] = [];
  records.forEach((record, index) => {
    const read = readRunRecord(record);
    if (read.sound) items.push(settle(read.value, inProgress));
    else damaged.push(damagedRecord(keys[index] ?? '', record, read.reason));
  });
  return { items: items.sort((a, b) => b.createdAt - a.createdAt), damaged };
}

/** A run, or null when there is none of that id or its record is damaged. */
export async function readRun(runId: string): Promise<StoredRun | null> {
  const db = await database();
  const read = readRunRecord(await db.get('runs', runId));
  return read.sound ? settle(read.value, await runsInProgress()) : null;
}

/** Writes the whole record. Like all that a run writes while it goes, it is tried once: its recorder knows when to try again. */
export async function putRun(run: Run): Promise<void> {
  const db = await database();
  await db.put('runs', runRecord(run), run.id);
}

/**
 * Changes fields of a stored record and leaves the others as they are, whichever version wrote them; unknown runs are left alone.
 *
 * @param change looks at the run as it is when it is changed; null changes nothing
 * @throws StorageError
 */
export async function amendRun(runId: string, change: (run: StoredRun) => Partial<Run> | null): Promise<void> {
  await storing(async (db) => {
    const transaction = db.transaction('runs', 'readwrite');
    const record: unknown = await transaction.store.get(runId);
    const read = readRunRecord(record);
    const changed = read.sound ? change(read.value) : null;
    const writing = changed !== null && isFields(record);
    await Promise.all([writing && transaction.store.put({ ...record, ...changed }, runId), transaction.done]);
  });
}

/** Notes what the weights of a run score on its test pictures, unless other weights have been stored since they were measured. */
export function putTestResult(runId: string, test: TestResult): Promise<void> {
  return amendRun(runId, ({ weightsStep }) => (weightsStep === test.step ? { test } : null));
}

/** Notes what the weights of a run score on spoiled test pictures, unless other weights have been stored since. */
export function putRobustness(runId: string, robustness: NonNullable<Run['robustness']>): Promise<void> {
  return amendRun(runId, ({ weightsStep }) => (weightsStep === robustness.step ? { robustness } : null));
}

/**
 * Writes down what the user says about a run; unknown runs are left alone.
 *
 * @throws StudioError `busy` while it is in progress, in whichever tab: its worker would write the old record over it; StorageError
 */
export async function annotateRun(runId: string, words: RunWords): Promise<void> {
  await refuseInProgress(runId);
  await amendRun(runId, () => words);
}

/**
 * Removes a run with its data, metrics, tensors and checkpoints, all or nothing; also one whose record is damaged.
 *
 * @throws StudioError `busy` while it is in progress, in whichever tab; StorageError
 */
export async function deleteRun(runId: string): Promise<void> {
  await refuseInProgress(runId);
  const stores = ['runs', 'runData', 'runMetrics', 'runTensors', 'checkpoints', 'checkpointPieces'] as const;
  await storing(async (db) => {
    const transaction = db.transaction(stores, 'readwrite');
    await Promise.all([
      transaction.objectStore('checkpoints').delete(everyKeyBelow(`${runId}/`)),
      transaction.objectStore('checkpointPieces').delete(everyKeyBelow(`${runId}/`)),
      transaction.objectStore('runs').delete(runId),
      transaction.objectStore('runData').delete(runId),
      transaction.objectStore('runMetrics').delete(metricsOf(runId)),
      transaction.objectStore('runTensors').delete(everyKeyBelow(`${runId}/`)),
      transaction.done,
    ]);
  });
}

async function refuseInProgress(runId: string): Promise<void> {
  const inProgress = await runsInProgress();
  if (inProgress?.has(runId) !== true) return;
  throw new StudioError('busy', 'This run is training, here or in another tab. Wait for its end, or stop it.');
}

/** Writes down what was in which split when a run began. */
export async function putRunData(runId: string, data: RunData): Promise<void> {
  const db = await database();
  await db.put('runData', data, runId);
}

/** What was in which split when a run began; null where that was not written down, as in runs of version 1. */
export async function readRunData(runId: string): Promise<RunData | null> {
  const db = await database();
  return runDataSchema.safeParse(await db.get('runData', runId)).data ?? null;
}

/** Writes a chunk of metric rows; a chunk that begins with the same step is replaced. */
export async function putMetrics(runId: string, rows: readonly StepMetrics[]): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const db = await database();
  await db.put('runMetrics', rows, [runId, first.step]);
}

/** Leaves a run the given metric rows and no others, all or nothing; `chunk` of them are stored as one. */
export async function replaceMetrics(runId: string, rows: readonly StepMetrics[], chunk: number): Promise<void> {
  const db = await database();
  const transaction = db.transaction('runMetrics', 'readwrite');
  const chunks = Array.from({ length: Math.ceil(rows.length / chunk) }, (_, index) =>
    rows.slice(index * chunk, (index + 1) * chunk),
  );
  await Promise.all([
    transaction.store.delete(metricsOf(runId)),
    ...chunks.map((own) => transaction.store.put(own, [runId, own[0]?.step ?? 0])),
    transaction.done,
  ]);
}

/** All metric rows of a run, in the order of steps. */
export async function readMetrics(runId: string): Promise<{
  readonly rows: readonly StepMetrics[];
  /** True when some could not be read and are left out. */
  readonly damaged: boolean;
}> {
  const db = await database();
  const chunks = (await db.getAll('runMetrics', metricsOf(runId))).map(readRows);
  return { rows: chunks.flatMap(({ rows }) => rows), damaged: chunks.some(({ lost }) => lost > 0) };
}

/**
 * Keeps the tensors that `run.tensors` names as they are after `run.weightsStep`, one after the other, and then writes the record that points to
 * them and removes the earlier ones in one transaction. Whatever happens in between, the stored record names tensors that are wholly there.
 *
 * @throws DOMException `QuotaExceededError` when there is no room; the earlier record and tensors are untouched then. What `delta` throws, likewise
 */
export async function putWeights(run: Run, delta: WeightDelta): Promise<void> {
  const { id, weightsStep } = run;
  if (weightsStep === null) throw new Error('A run with weights must say of which step they are.');
  const db = await database();
  const folder = `${id}/${weightsStep}/`;
  try {
    for await (const [name, { buffer, byteOffset, byteLength }] of delta.read()) {
      let index = 0;
      for (const piece of cutPieces(new Uint8Array(buffer, byteOffset, byteLength))) {
        await db.put('runTensors', piece, tensorKey(id, weightsStep, name) + pieceSuffix(index++));
      }
    }
    const transaction = db.transaction(['runs', 'runTensors'], 'readwrite');
    const pieces = transaction.objectStore('runTensors');
    const keys = await pieces.getAllKeys(everyKeyBelow(`${id}/`));
    const stale = keys.filter((key) => !key.startsWith(folder));
    await Promise.all([
      transaction.objectStore('runs').put(runRecord(run), id),
      ...stale.map((key) => pieces.delete(key)),
      transaction.done,
    ]);
  } catch (error) {
    const kept = await readRun(id);
    if (kept?.weightsStep !== weightsStep) await db.delete('runTensors', everyKeyBelow(folder));
    throw error;
  }
}

/**
 * The tensors that a run changed, by checkpoint name, read from storage one by one; null where its weights are those of the base model. Reading
 * throws an Error that names the tensor when a piece of it is missing.
 */
export function storedDelta(run: Run): WeightDelta | null {
  const { tensors, weightsStep } = run;
  if (weightsStep === null || tensors.length === 0) return null;
  return {
    names: tensors,
    async *read(names = tensors) {
      for (const name of names) yield [name, await readTensor(run, weightsStep, name)] as const;
    },
  };
}

async function readTensor({ id, name: run }: Run, step: number, name: string): Promise<Float32Array> {
  const db = await database();
  const pieces = await db.getAll('runTensors', everyKeyBelow(`${tensorKey(id, step, name)}#`));
  const whole = pieces.length > 0 && pieces.slice(0, -1).every((piece) => piece.byteLength === pieceBytes);
  if (!whole) throw new Error(`The stored weights of the run "${run}" are damaged: "${name}" is missing.`);
  return new Float32Array(joinPieces(pieces).buffer);
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
