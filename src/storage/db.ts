import { openDB, type DBSchema, type IDBPDatabase } from 'idb';

/**
 * The one IndexedDB database of the studio. Records are validated by the schemas of the module that owns a store (dataset, model, runs) when
 * they are read; here is only their layout.
 */
export interface VernierDb extends DBSchema {
  datasets: { key: string; value: unknown };
  /** Image records; key `${datasetId}/${hash}`. */
  images: { key: string; value: unknown; indexes: { 'by-dataset': [datasetId: string, order: number] } };
  imageBytes: { key: string; value: ArrayBuffer };
  thumbnails: { key: string; value: Blob };
  /** Files of models loaded once; key `${modelId}/${file}` or `${…}#${chunk}` for a piece of a large file. */
  modelFiles: { key: string; value: unknown };
  runs: { key: string; value: unknown };
  /** What was in which split when a run began, by its id: too large for the record, which is written every few seconds. Since version 2. */
  runData: { key: string; value: unknown };
  /** Metric rows of runs in chunks; key [runId, first step of the chunk]. */
  runMetrics: { key: [runId: string, from: number]; value: unknown };
  /** Tensors that a run changed, one record a piece of at most 32 MiB; key `${runId}/${step}/${name}#${piece}`. */
  runTensors: { key: string; value: ArrayBuffer };
  /** Manifests of checkpoints; key `${runId}/${step}`, the step padded. Since version 4. */
  checkpoints: { key: string; value: unknown };
  /** What they name, in pieces of at most 32 MiB; key `${runId}/${step}#${piece}`. Since version 4. */
  checkpointPieces: { key: string; value: ArrayBuffer };
  /** Records of sweeps, by their ids. Since version 5. */
  sweeps: { key: string; value: unknown };
  settings: { key: string; value: unknown };
}

export type Database = IDBPDatabase<VernierDb>;

/**
 * Why the database cannot be opened or written; `message` is for the user.
 *
 * - `blocked`: another tab holds it open in an older layout
 * - `outdated`: it has a newer layout than this page knows
 * - `storage-full`: the browser refused to store more
 * - `not-stored`: the browser broke off storing, each time it was tried
 */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  constructor(
    readonly code: 'blocked' | 'outdated' | 'storage-full' | 'not-stored',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export const databaseName = 'vernier';

/** Layouts from the first on: each step changes the database of the version before, and keeps what it holds. */
const layouts: readonly ((db: Database) => void)[] = [
  (db) => {
    db.createObjectStore('datasets');
    db.createObjectStore('images').createIndex('by-dataset', ['datasetId', 'order']);
    for (const store of [
      'imageBytes',
      'thumbnails',
      'modelFiles',
      'runs',
      'runMetrics',
      'runTensors',
      'settings',
    ] as const) {
      db.createObjectStore(store);
    }
  },
  (db) => db.createObjectStore('runData'),
  // Pictures have fields and datasets columns since version 3. Their records are brought up to date one by one as they are written, but a page
  // that knows no fields would write records without them: the new version shuts it out.
  () => undefined,
  (db) => {
    db.createObjectStore('checkpoints');
    db.createObjectStore('checkpointPieces');
  },
  (db) => db.createObjectStore('sweeps'),
];

/** How long other tabs may take to let go of an older layout, in milliseconds: they finish what they are writing. */
const patience = 2000;

let opening: Promise<Database> | null = null;
/** True once it is open: nothing can hold it up any more. */
let ready = false;
/** True while another tab holds up the upgrade. */
let isBlocked = false;
/** Begin to lose patience when the upgrade is held up. */
let waiting: (() => void)[] = [];
/** Works that must not lose the database in their middle. */
let holds = 0;
/** Lets go of the database for a newer page in another tab, as soon as nothing holds it. */
let letGo: (() => void) | null = null;

/**
 * Opens the database once per page or worker; opens it again after the browser dropped the connection.
 *
 * @throws StorageError
 */
export function database(): Promise<Database> {
  opening ??= open();
  return ready ? opening : Promise.race([opening, impatience()]);
}

/** Keeps the database open while a long work writes to it: a newer page in another tab waits for its end, and says so. */
export async function holdingDatabase<T>(work: () => Promise<T>): Promise<T> {
  holds++;
  try {
    return await work();
  } finally {
    holds--;
    if (holds === 0) letGo?.();
  }
}

async function open(): Promise<Database> {
  const forget = (): void => {
    opening = null;
    ready = false;
    letGo = null;
  };
  try {
    const db = await openDB<VernierDb>(databaseName, layouts.length, {
      upgrade(upgraded, from) {
        for (const layout of layouts.slice(from)) layout(upgraded);
      },
      blocked() {
        isBlocked = true;
        for (const begin of waiting) begin();
        waiting = [];
      },
      blocking(_current, _blocked, event) {
        letGo = () => {
          (event.target as IDBDatabase).close();
          forget();
        };
        if (holds === 0) letGo();
      },
      terminated: forget,
    });
    ready = true;
    return db;
  } catch (error) {
    forget();
    if (!(error instanceof Error) || error.name !== 'VersionError') throw error;
    throw new StorageError(
      'outdated',
      'What is stored in this browser was brought up to date by a newer Vernier than the one in this tab. Reload the page.',
      { cause: error },
    );
  } finally {
    isBlocked = false;
    waiting = [];
  }
}

/** Rejects when the database was held up for too long. The upgrade goes on waiting, so that a later call may find it done. */
function impatience(): Promise<never> {
  return new Promise((_, reject) => {
    const begin = (): void => {
      setTimeout(() => {
        reject(
          new StorageError(
            'blocked',
            'Another tab with an older Vernier is still at work, so that what is stored cannot be brought up to date. Wait for its run to end or close that tab, then reload this page.',
          ),
        );
      }, patience);
    };
    if (isBlocked) begin();
    else waiting.push(begin);
  });
}
