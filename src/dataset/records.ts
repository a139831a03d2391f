import {
  damagedRecord,
  readerOf,
  readRecord,
  stamped,
  type DamagedRecord,
  type RecordKind,
  type RecordReader,
} from '../storage/records';
import { baseColumns } from './columns';
import { defaultSplit } from './split';
import { datasetSchema, sampleSchema, type Dataset, type SampleRecord } from './types';

/** Records that passed their schema, and how many did not. Damaged records are left where they are and take no part. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly damaged: number;
}

const datasetKind: RecordKind<typeof datasetSchema.shape> = {
  schema: datasetSchema,
  // Version 1: pictures, captions and splits alone.
  migrations: [(dataset) => ({ ...dataset, columns: baseColumns })],
  fallbacks: {
    name: 'Unnamed pictures',
    createdAt: 0,
    split: defaultSplit,
    origin: 'files',
    columns: [...baseColumns],
    revision: undefined,
  },
};

/** A picture without its captions, fields, split or place could be trained on as what it is not, so nothing is made up for it. */
const sampleKind: RecordKind<typeof sampleSchema.shape> = {
  schema: sampleSchema,
  // Version 1: a picture by itself, without fields.
  migrations: [
    ({ path, type, width, height, bytes, ...sample }) => ({
      ...sample,
      media: [{ kind: 'image', path, type, width, height, bytes }],
      fields: {},
    }),
  ],
  fallbacks: {},
};

/** How stored records are read and written, whichever version wrote them. */
export const datasetReader = readerOf(datasetKind);
export const sampleReader = readerOf(sampleKind);
export const datasetRecord = (dataset: Dataset): Dataset => stamped(datasetKind, dataset);
export const sampleRecord = (image: SampleRecord): SampleRecord => stamped(sampleKind, image);

/** Datasets whose records cannot be read, by key and record. */
export function damagedDatasets(keys: readonly string[], records: readonly unknown[]): readonly DamagedRecord[] {
  return records.flatMap((record, index) => {
    const read = readRecord(datasetKind, record);
    return read.sound ? [] : [damagedRecord(keys[index] ?? '', record, read.reason)];
  });
}

/** The stores that hold a picture, all under the same key. */
export const pictureStores = ['images', 'imageBytes', 'thumbnails'] as const;

/** Key of a picture. */
export function imageKey(datasetId: string, hash: string): string {
  return `${datasetId}/${hash}`;
}

/** The dataset that a picture key belongs to. */
export function datasetOf(imageId: string): string {
  return imageId.slice(0, imageId.lastIndexOf('/'));
}

/** All picture keys of a dataset: `0` is the character after `/`. */
export function keysOf(datasetId: string): IDBKeyRange {
  return IDBKeyRange.bound(`${datasetId}/`, `${datasetId}0`, true, true);
}

/** Sorts stored values into sound and damaged ones. */
export function checked<Item>(records: readonly unknown[], reader: RecordReader<Item>): Page<Item> {
  const items: Item[] = [];
  let damaged = 0;
  for (const record of records) {
    const parsed = reader.safeParse(record);
    if (parsed.success) items.push(parsed.data);
    else damaged += 1;
  }
  return { items, damaged };
}
