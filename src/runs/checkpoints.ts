import { z } from 'zod';
import { database } from '../storage/db';
import { pieceBytes, pieceSuffix } from '../storage/pieces';
import { storing } from '../storage/storing';
import { checkpointFolder, checkpointSteps, everyKeyBelow, newestCheckpoints } from './checkpoint-list';

/**
 * Checkpoints of runs: all that a run needs to go on as if it had never stopped. The tensors lie one behind the other in pieces of at most 32 MiB
 * with a digest each; the manifest that names them is written last, so that whatever ends a write in its middle leaves the one before as it was.
 */

/** Checkpoints of one run that are kept: should the newest turn out to be damaged, there is the one before. */
const generations = 2;

const tensorSchema = z.object({
  /** Which of the tensor maps of a checkpoint it belongs to. */
  part: z.enum(['weights', 'trainer']),
  name: z.string(),
  /** Elements, float32. */
  length: z.int().min(0),
});

const manifestSchema = z.object({
  version: z.literal(1),
  runId: z.string(),
  step: z.int().min(0),
  /** Milliseconds since 1970. */
  at: z.number(),
  /** What is not tensors, in the form of its owner's schema. */
  state: z.unknown(),
  tensors: z.array(tensorSchema),
  /** SHA-256 of each piece, hexadecimal. */
  pieces: z.array(z.string()),
});
type Manifest = z.infer<typeof manifestSchema>;

type Tensors = ReadonlyMap<string, Float32Array>;

export interface Checkpoint {
  readonly step: number;
  readonly state: unknown;
  readonly weights: Tensors;
  readonly trainer: Tensors;
}

/** What there is to go on from. */
export interface FoundCheckpoint {
  /** The newest that is whole; null where there is none. */
  readonly checkpoint: Checkpoint | null;
  /** Steps of newer ones that were damaged. */
  readonly damaged: readonly number[];
}

/**
 * Keeps a checkpoint, and lets go of the run's checkpoints but for the one before it.
 *
 * @returns false where it holds numbers that are not finite: nothing is written then
 * @throws DOMException `QuotaExceededError` when there is no room; earlier checkpoints are untouched then
 */
export async function putCheckpoint(runId: string, { step, state, weights, trainer }: Checkpoint): Promise<boolean> {
  const parts = [
    ['weights', weights],
    ['trainer', trainer],
  ] as const;
  if (!parts.every(([, tensors]) => allFinite(tensors))) return false;
  const tensors = parts.flatMap(([part, map]) => [...map].map(([name, { length }]) => ({ part, name, length })));
  const folder = checkpointFolder(runId, step);
  const db = await database();
  // What it names must stay as it is named.
  if ((await db.getKey('checkpoints', folder)) !== undefined) return true;
  try {
    const pieces: string[] = [];
    for (const piece of packed(parts.flatMap(([, map]) => [...map.values()]))) {
      // Training stands still meanwhile: what can be done at once is.
      const stored = db.put('checkpointPieces', piece, folder + pieceSuffix(pieces.length));
      const [hash] = await Promise.all([digest(piece), stored]);
      pieces.push(hash);
    }
    const manifest: Manifest = { version: 1, runId, step, at: Date.now(), state, tensors, pieces };
    await db.put('checkpoints', manifest, folder);
  } catch (error) {
    await db.delete('checkpointPieces', everyKeyBelow(`${folder}#`)).catch(() => undefined);
    throw error;
  }
  const steps = await checkpointSteps(runId);
  const stale = steps.filter((own) => own < step).slice(generations - 1);
  // This one is kept, whatever becomes of older ones: what stays goes with the next.
  for (const own of stale) await deleteFolder(checkpointFolder(runId, own)).catch(() => undefined);
  return true;
}

/**
 * The newest checkpoint of a run that is whole: every piece is there and as it was written, all numbers are finite, and its owner understands what is
 * not tensors. Damaged ones are removed.
 */
export async function readCheckpoint(
  runId: string,
  isUnderstood: (state: unknown) => boolean = () => true,
): Promise<FoundCheckpoint> {
  const damaged: number[] = [];
  for (const step of await checkpointSteps(runId)) {
    const found = await readWhole(checkpointFolder(runId, step));
    if (found !== null && isUnderstood(found.state)) return { checkpoint: found, damaged };
    await deleteFolder(checkpointFolder(runId, step));
    damaged.push(step);
  }
  return { checkpoint: null, damaged };
}

/** Removes the checkpoints of a run that lie behind a step: what is trained from there on makes them anew. */
export async function dropCheckpointsAfter(runId: string, step: number): Promise<void> {
  for (const own of await checkpointSteps(runId)) if (own > step) await deleteFolder(checkpointFolder(runId, own));
}

/**
 * Removes all checkpoints of a run.
 *
 * @throws StorageError
 */
export async function deleteCheckpoints(runId: string): Promise<void> {
  await remove(everyKeyBelow(`${runId}/`), everyKeyBelow(`${runId}/`));
}

/**
 * Makes room: removes the checkpoints of all runs but the given ones, which trained weights do not need.
 *
 * @returns how many were removed
 */
export async function clearCheckpoints(except: ReadonlySet<string>): Promise<number> {
  const others = [...(await newestCheckpoints()).keys()].filter((runId) => !except.has(runId));
  for (const runId of others) await deleteCheckpoints(runId);
  return others.length;
}

async function deleteFolder(folder: string): Promise<void> {
  await remove(folder, everyKeyBelow(`${folder}#`));
}

async function remove(manifests: string | IDBKeyRange, pieces: IDBKeyRange): Promise<void> {
  await storing(async (db) => {
    const transaction = db.transaction(['checkpoints', 'checkpointPieces'], 'readwrite');
    await Promise.all([
      transaction.objectStore('checkpoints').delete(manifests),
      transaction.objectStore('checkpointPieces').delete(pieces),
      transaction.done,
    ]);
  });
}

async function readWhole(folder: string): Promise<Checkpoint | null> {
  const db = await database();
  const parsed = manifestSchema.safeParse(await db.get('checkpoints', folder));
  if (!parsed.success) return null;
  const { step, state, tensors, pieces } = parsed.data;
  const bytes = 4 * tensors.reduce((sum, { length }) => sum + length, 0);
  const values = new Uint8Array(bytes);
  let at = 0;
  for (const [index, expected] of pieces.entries()) {
    const piece = await db.get('checkpointPieces', folder + pieceSuffix(index));
    if (piece === undefined || at + piece.byteLength > bytes || (await digest(piece)) !== expected) return null;
    values.set(new Uint8Array(piece), at);
    at += piece.byteLength;
  }
  if (at !== bytes) return null;
  const maps = { weights: new Map<string, Float32Array>(), trainer: new Map<string, Float32Array>() };
  let from = 0;
  for (const { part, name, length } of tensors) {
    maps[part].set(name, new Float32Array(values.buffer, 4 * from, length));
    from += length;
  }
  return allFinite(maps.weights) && allFinite(maps.trainer) ? { step, state, ...maps } : null;
}

/** The bytes of tensors, one behind the other, in pieces. */
function* packed(tensors: readonly Float32Array[]): Generator<ArrayBuffer, void, undefined> {
  const total = 4 * tensors.reduce((sum, { length }) => sum + length, 0);
  let done = 0;
  let piece = new Uint8Array(Math.min(pieceBytes, total));
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of tensors) {
    let bytes = new Uint8Array(buffer, byteOffset, byteLength);
    while (bytes.length > 0) {
      const part = bytes.subarray(0, piece.length - at);
      piece.set(part, at);
      at += part.length;
      bytes = bytes.subarray(part.length);
      if (at < piece.length) continue;
      yield piece.buffer;
      done += at;
      piece = new Uint8Array(Math.min(pieceBytes, total - done));
      at = 0;
    }
  }
}

function allFinite(tensors: Tensors): boolean {
  for (const values of tensors.values()) {
    // The sum of finite float32 numbers is finite in float64, whatever their order. Four sums at once, of which none waits for another.
    let [a, b, c, d] = [0, 0, 0, 0];
    let i = 0;
    for (; i + 3 < values.length; i += 4) {
      a += values[i]!;
      b += values[i + 1]!;
      c += values[i + 2]!;
      d += values[i + 3]!;
    }
    for (; i < values.length; i++) a += values[i]!;
    if (!Number.isFinite(a + b + c + d)) return false;
  }
  return true;
}

async function digest(piece: ArrayBuffer): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', piece));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
