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
  /** Metric rows of runs in chunks; key [runId, first step of the chunk]. */
  runMetrics: { key: [runId: string, from: number]; value: unknown };
  /** Tensors that a run changed, one record a piece of at most 32 MiB; key `${runId}/${name}#${piece}`. */
  runTensors: { key: string; value: ArrayBuffer };
  settings: { key: string; value: unknown };
}

export type Database = IDBPDatabase<VernierDb>;

export const databaseName = 'vernier';
const version = 1;

let opened: Promise<Database> | null = null;

/** Opens the database once per page or worker; opens it again after the browser dropped the connection. */
export function database(): Promise<Database> {
  opened ??= openDB<VernierDb>(databaseName, version, {
    upgrade(db) {
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
    blocking(_current, _blocked, event) {
      (event.target as IDBDatabase).close();
      opened = null;
    },
    terminated() {
      opened = null;
    },
  }).catch((error: unknown) => {
    opened = null;
    throw error;
  });
  return opened;
}
