import type { Page } from '@playwright/test';

/** A run, as far as it can be told whether it is the same as another. */
export interface StoredRun {
  readonly state: string;
  /** Digests of losses and weights. */
  readonly result: string;
  /** What computed it: other kernels add in another order, and come to other last bits. */
  readonly kernels: string;
}

/** What is stored, as far as it can be told whether it is whole and the same. */
export interface Stored {
  /** Digests over the pictures of each dataset with their bytes, by its id; `incomplete` where bytes are missing. */
  readonly datasets: Readonly<Record<string, string>>;
  /** Digests of kept files of models, by their keys. */
  readonly models: Readonly<Record<string, string>>;
  /** State, digest of weights and losses of each run, by its name. */
  readonly runs: Readonly<Record<string, StoredRun>>;
  /** What cannot be right: checkpoints that are not as their manifests say, tensors that are not there. */
  readonly faults: readonly string[];
}

/** Reads the database beside the studio. */
export function readStored(page: Page): Promise<Stored> {
  return page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('IndexedDB failed.'));
      });
    const hex = async (bytes: BufferSource): Promise<string> =>
      Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)), (byte) =>
        byte.toString(16).padStart(2, '0'),
      ).join('');
    const text = (value: unknown): Promise<string> => hex(new TextEncoder().encode(JSON.stringify(value)));
    const db = await done(indexedDB.open('vernier'));
    const below = (prefix: string): IDBKeyRange => IDBKeyRange.bound(prefix, `${prefix}\uffff`);
    const all = <T>(store: string, range?: IDBKeyRange) =>
      done(db.transaction(store).objectStore(store).getAll(range)) as Promise<T[]>;
    const keys = (store: string, range?: IDBKeyRange) =>
      done(db.transaction(store).objectStore(store).getAllKeys(range)) as Promise<string[]>;
    const faults: string[] = [];

    const datasets: Record<string, string> = {};
    for (const { id } of await all<{ id: string }>('datasets')) {
      const images = await keys('images', below(`${id}/`));
      const bytes = await all<ArrayBuffer>('imageBytes', below(`${id}/`));
      const digests = await Promise.all(bytes.map(hex));
      datasets[id] = images.length === bytes.length ? await text([images, digests]) : 'incomplete';
    }

    const runs: Record<string, { state: string; result: string; kernels: string }> = {};
    interface Row {
      step: number;
      loss: number;
    }
    interface Run {
      id: string;
      name: string;
      state: string;
      weightsStep: number;
      tensors: string[];
      kernels?: unknown;
    }
    for (const { id, name, state, weightsStep, tensors, kernels = null } of await all<Run>('runs')) {
      const pieces = await all<ArrayBuffer>('runTensors', below(`${id}/${weightsStep}/`));
      if (pieces.length < tensors.length) faults.push(`${name} lacks tensors`);
      const rows = (await all<Row[]>('runMetrics', IDBKeyRange.bound([id, -Infinity], [id, Infinity]))).flat();
      const steps = rows.map(({ step }) => step);
      if (steps.some((step, index) => index > 0 && step <= (steps[index - 1] ?? 0))) faults.push(`${name} has a seam`);
      const losses = await text(rows.map(({ step, loss }) => [step, loss]));
      const result = [rows.length, losses, ...(await Promise.all(pieces.map(hex)))].join(' ');
      runs[name] = { state, result, kernels: JSON.stringify(kernels) };
    }

    const models: Record<string, string> = {};
    for (const key of (await keys('modelFiles')).filter((each) => !each.includes('#'))) {
      const manifest = await done(
        db.transaction('modelFiles').objectStore('modelFiles').get(key) as IDBRequest<{ bytes: number }>,
      );
      const whole = new Blob(await all<ArrayBuffer>('modelFiles', below(`${key}#`)));
      if (whole.size !== manifest.bytes) faults.push(`the file ${key} is not whole`);
      models[key] = await hex(await whole.arrayBuffer());
    }

    for (const folder of await keys('checkpoints')) {
      const manifest = await done<{ pieces: string[] }>(
        db.transaction('checkpoints').objectStore('checkpoints').get(folder) as IDBRequest<{ pieces: string[] }>,
      );
      const pieces = await all<ArrayBuffer>('checkpointPieces', below(`${folder}#`));
      const found = await Promise.all(pieces.map(hex));
      if (found.join() !== manifest.pieces.join()) faults.push(`the checkpoint ${folder} is damaged`);
    }
    db.close();
    return { datasets, models, runs, faults };
  });
}
