import { database } from '../storage/db';
import { storing } from '../storage/storing';
import { datasetOf, pictureStores } from './records';
import { countChange, tellChange } from './revision';
import { checkedDataset } from './storage';

/** A picture with all that is stored of it, as it was before it was deleted. */
export interface KeptPicture {
  readonly imageId: string;
  readonly values: readonly { readonly store: (typeof pictureStores)[number]; readonly value: unknown }[];
}

/** Reads a picture whole, for it may be put back after it is deleted. */
export async function keepPicture(imageId: string): Promise<KeptPicture> {
  const transaction = (await database()).transaction(pictureStores);
  const values = await Promise.all(
    pictureStores.map(async (store) => ({
      store,
      value: await transaction.objectStore(store).get(imageId),
    })),
  );
  return { imageId, values: values.filter(({ value }) => value !== undefined) };
}

/**
 * Puts a deleted picture back where it was; one that has been added again in the meantime stays as it is.
 *
 * @returns its dataset's revision
 * @throws DatasetError `not-found` where its dataset is not stored any more
 */
export async function putBack({ imageId, values }: KeptPicture): Promise<number | null> {
  return storing(async (db) => {
    const transaction = db.transaction(['datasets', ...pictureStores], 'readwrite');
    const datasets = transaction.objectStore('datasets');
    checkedDataset(await datasets.get(datasetOf(imageId)));
    const there = await transaction.objectStore('images').getKey(imageId);
    const [counted] = await Promise.all([
      countChange(datasets, datasetOf(imageId)),
      ...(there === undefined
        ? values.map(({ store, value }) => transaction.objectStore(store).put(value, imageId))
        : []),
      transaction.done,
    ]);
    tellChange(counted);
    return counted?.revision ?? null;
  });
}
