import { database } from '../storage/db';
import type { DamagedRecord } from '../storage/records';
import { storing } from '../storage/storing';
import { textsOf } from './columns';
import { DatasetError } from './errors';
import { takingPictures, unlessImporting } from './holds';
import { captionsWithin } from './limits';
import {
  checked,
  damagedDatasets,
  datasetOf,
  datasetReader,
  datasetRecord,
  sampleReader,
  sampleRecord,
  keysOf,
  pictureStores,
  type Page,
} from './records';
import { recoverInterruptedImports } from './recovery';
import { countChange, tellChange } from './revision';
import { splitAll, withTies, type SplitSettings } from './split';
import { fieldLimits } from './readers/fields';
import { cleanCaptions } from './readers/reader';
import type { Dataset, FieldValue, SampleRecord, Split } from './types';

/**
 * All datasets, the newest first, and the records that cannot be read as datasets any more. Rolls back what an import left behind whose tab was
 * closed half-way.
 */
export async function listDatasets(): Promise<{
  readonly items: readonly Dataset[];
  readonly damaged: readonly DamagedRecord[];
}> {
  await recoverInterruptedImports();
  const { store } = (await database()).transaction('datasets');
  const [keys, records] = await Promise.all([store.getAllKeys(), store.getAll()]);
  const { items } = checked(records, datasetReader);
  return {
    items: [...items].sort((a, b) => b.createdAt - a.createdAt),
    damaged: damagedDatasets(keys, records),
  };
}

/** @throws DatasetError `not-found` when it is not stored or its record is damaged */
export async function readDatasetRecord(datasetId: string): Promise<Dataset> {
  const db = await database();
  return checkedDataset(await db.get('datasets', datasetId));
}

/** @throws DatasetError `not-found` */
export function checkedDataset(record: unknown): Dataset {
  const parsed = datasetReader.safeParse(record);
  if (!parsed.success) {
    throw new DatasetError(
      'not-found',
      'This dataset is not stored in this browser any more. Choose another or add the pictures again.',
    );
  }
  return parsed.data;
}

/** Pictures of a dataset in their order, from the order number `from` on, `limit` at most. */
export async function readImages(
  datasetId: string,
  from = 0,
  limit = Number.POSITIVE_INFINITY,
): Promise<Page<SampleRecord>> {
  const db = await database();
  const range = IDBKeyRange.bound([datasetId, from], [datasetId, Number.POSITIVE_INFINITY]);
  const count = Number.isFinite(limit) ? limit : undefined;
  return checked(await db.getAllFromIndex('images', 'by-dataset', range, count), sampleReader);
}

/**
 * A dataset's record with all its pictures in their order, as they were at one moment.
 * @throws DatasetError `not-found` when it is not stored or its record is damaged
 */
export async function readDataset(datasetId: string): Promise<Page<SampleRecord> & { readonly dataset: Dataset }> {
  const db = await database();
  const transaction = db.transaction(['datasets', 'images']);
  const range = IDBKeyRange.bound([datasetId, 0], [datasetId, Number.POSITIVE_INFINITY]);
  const [record, images] = await Promise.all([
    transaction.objectStore('datasets').get(datasetId),
    transaction.objectStore('images').index('by-dataset').getAll(range),
  ]);
  return { dataset: checkedDataset(record), ...checked(images, sampleReader) };
}

/** One picture's record; null when it is not stored or damaged. */
export async function readImage(imageId: string): Promise<SampleRecord | null> {
  const db = await database();
  return sampleReader.safeParse(await db.get('images', imageId)).data ?? null;
}

/** What tells where the bytes of a picture lie, and what they are. */
interface StoredBytes {
  readonly id: string;
  readonly media: readonly [{ readonly type: string }];
}

/** Original bytes (of an SVG: the PNG made of it) with their media type; null when they are not stored. */
export async function readImageBlob(sample: StoredBytes): Promise<Blob | null> {
  const db = await database();
  const bytes = await db.get('imageBytes', sample.id);
  return bytes === undefined ? null : new Blob([bytes], { type: sample.media[0].type });
}

/** Thumbnail of at most 160 pixels a side; null when it is not stored. */
export async function readThumbnail(imageId: string): Promise<Blob | null> {
  const db = await database();
  return (await db.get('thumbnails', imageId)) ?? null;
}

/** Thumbnails of several pictures in one transaction, in the order of the ids. */
export async function readThumbnails(imageIds: readonly string[]): Promise<(Blob | null)[]> {
  const db = await database();
  const store = db.transaction('thumbnails').store;
  return Promise.all(imageIds.map(async (id) => (await store.get(id)) ?? null));
}

/**
 * Replaces a picture's captions; they are trimmed, empty ones and repetitions dropped.
 * @returns the picture as stored and its dataset's revision
 * @throws DatasetError `not-found`, `too-much` for captions that are too long or too many
 */
export async function setCaptions(imageId: string, captions: readonly string[]): Promise<ChangedImage> {
  const clean = cleanCaptions(captions);
  const { problems } = captionsWithin(clean);
  if (problems.length > 0) {
    throw new DatasetError('too-much', `${problems.join(' ')} The picture keeps the captions that it had.`);
  }
  return changeImage(imageId, { captions: clean });
}

/** @throws DatasetError `not-found` */
export function setSplit(imageId: string, split: Split): Promise<ChangedImage> {
  return changeImage(imageId, { split });
}

/**
 * Leaves a picture out of training and evaluation, or lets it take part again.
 * @throws DatasetError `not-found`
 */
export function setExcluded(imageId: string, excluded: boolean): Promise<ChangedImage> {
  return changeImage(imageId, { excluded: excluded ? true : undefined });
}

/**
 * Changes what a sample has in columns of its dataset; null takes away what it has in one.
 * @returns the picture as stored and its dataset's revision
 * @throws DatasetError `not-found`, `too-much` for texts that are too long or too many
 */
export async function setFields(
  imageId: string,
  change: Readonly<Record<string, FieldValue | null>>,
): Promise<ChangedImage> {
  const texts = Object.values(change).map(textsOf);
  const longest = Math.max(0, ...texts.flat().map(({ length }) => length));
  const most = Math.max(0, ...texts.map(({ length }) => length));
  if (longest > fieldLimits.characters || most > fieldLimits.texts) {
    const [are, limit, what] =
      longest > fieldLimits.characters
        ? [longest, fieldLimits.characters, 'characters']
        : [most, fieldLimits.texts, 'texts'];
    const sentence = `That is ${are.toLocaleString('en')} ${what}, over the limit of ${limit.toLocaleString('en')}.`;
    throw new DatasetError('too-much', `${sentence} The picture keeps what it had.`);
  }
  return changeImage(imageId, ({ fields }) => ({
    fields: Object.fromEntries(
      Object.entries({ ...fields, ...change }).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
    ),
  }));
}

/** A picture after a change, and the revision that the change made of its dataset; null where that is not stored. */
export interface ChangedImage {
  readonly image: SampleRecord;
  readonly revision: number | null;
}

async function changeImage(
  imageId: string,
  change: Partial<SampleRecord> | ((image: SampleRecord) => Partial<SampleRecord>),
): Promise<ChangedImage> {
  return storing(async (db) => {
    const transaction = db.transaction(['datasets', 'images'], 'readwrite');
    const images = transaction.objectStore('images');
    const parsed = sampleReader.safeParse(await images.get(imageId));
    if (!parsed.success) {
      throw new DatasetError(
        'not-found',
        'This picture is not stored any more. Reload the page to see the dataset as it is.',
      );
    }
    const image = { ...parsed.data, ...(typeof change === 'function' ? change(parsed.data) : change) };
    const [counted] = await Promise.all([
      countChange(transaction.objectStore('datasets'), image.datasetId),
      images.put(sampleRecord(image), imageId),
      transaction.done,
    ]);
    tellChange(counted);
    return { image, revision: counted?.revision ?? null };
  });
}

/**
 * Splits a dataset again by seed and shares, over any split that files gave or a person set by hand. A run in progress has its splits from its
 * start and goes on with them.
 *
 * @param given where pictures lie by their ids, instead of where the settings would put them
 * @throws DatasetError `not-found`
 */
export async function resplit(
  datasetId: string,
  settings: SplitSettings,
  given?: ReadonlyMap<string, Split>,
): Promise<void> {
  await storing(async (db) => {
    const transaction = db.transaction(['datasets', 'images'], 'readwrite');
    const datasets = transaction.objectStore('datasets');
    const dataset = checkedDataset(await datasets.get(datasetId));
    const images = transaction.objectStore('images');
    const range = IDBKeyRange.bound([datasetId, 0], [datasetId, Number.POSITIVE_INFINITY]);
    const { items } = checked(await images.index('by-dataset').getAll(range), sampleReader);
    const splits = given ?? splitAll(withTies(items, dataset, settings), settings);
    await datasets.put(datasetRecord({ ...dataset, split: settings }), datasetId);
    const [counted] = await Promise.all([
      countChange(datasets, datasetId),
      ...items.map((image) =>
        images.put(sampleRecord({ ...image, split: splits.get(image.id) ?? image.split }), image.id),
      ),
      transaction.done,
    ]);
    tellChange(counted);
  });
}

/** @throws DatasetError `not-found` */
export async function renameDataset(datasetId: string, name: string): Promise<void> {
  await storing(async (db) => {
    const transaction = db.transaction('datasets', 'readwrite');
    const dataset = checkedDataset(await transaction.store.get(datasetId));
    await Promise.all([
      transaction.store.put(datasetRecord({ ...dataset, name: name.trim() || dataset.name }), datasetId),
      transaction.done,
    ]);
  });
}

/**
 * Deletes one picture with its bytes and thumbnail.
 * @returns its dataset's revision; null where the dataset is not stored
 * @throws DatasetError `busy` while a run trains on its dataset, in whichever tab
 */
export async function deleteImage(imageId: string): Promise<number | null> {
  return takingPictures(datasetOf(imageId), () =>
    storing(async (db) => {
      const transaction = db.transaction(['datasets', ...pictureStores], 'readwrite');
      const [counted] = await Promise.all([
        countChange(transaction.objectStore('datasets'), datasetOf(imageId)),
        ...pictureStores.map((store) => transaction.objectStore(store).delete(imageId)),
        transaction.done,
      ]);
      tellChange(counted);
      return counted?.revision ?? null;
    }),
  );
}

/**
 * Deletes a dataset with all its pictures, in one transaction. Runs made with it stay.
 * @throws DatasetError `busy` while a run trains on it or pictures are added, in whichever tab
 */
export async function deleteDataset(datasetId: string): Promise<void> {
  const remove = (): Promise<void> =>
    storing(async (db) => {
      const transaction = db.transaction(['datasets', ...pictureStores], 'readwrite');
      await Promise.all([
        transaction.objectStore('datasets').delete(datasetId),
        ...pictureStores.map((store) => transaction.objectStore(store).delete(keysOf(datasetId))),
        transaction.done,
      ]);
    });
  await takingPictures(datasetId, () => unlessImporting(datasetId, remove));
}
