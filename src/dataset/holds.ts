import { unlessInUse, using } from '../storage/in-use';
import { DatasetError } from './errors';
import { withImportLock } from './recovery';

/** Does `work`, such as a run, that reads pictures of a dataset as it needs them: none is deleted meanwhile, in whichever tab. */
export function usingDataset<T>(datasetId: string, work: () => Promise<T>): Promise<T> {
  return using(lockName(datasetId), work);
}

/**
 * Does `work` that deletes pictures of a dataset.
 * @throws DatasetError `busy` without having called it while a run trains on them, in whichever tab
 */
export async function takingPictures<T>(datasetId: string, work: () => Promise<T>): Promise<T> {
  const done = await unlessInUse(lockName(datasetId), work);
  if (done === null) {
    throw new DatasetError(
      'busy',
      'A run is training on these pictures, so none of them was deleted. Wait for its end, or stop it on the Train page of the tab that trains.',
    );
  }
  return done.value;
}

/**
 * Does `work` that changes a whole dataset.
 * @throws DatasetError `busy` without having called it while pictures are added, in whichever tab
 */
export async function unlessImporting<T>(datasetId: string, work: () => Promise<T>): Promise<T> {
  const done = await withImportLock(datasetId, work);
  if (done === null) {
    throw new DatasetError(
      'busy',
      'Pictures are being added to this dataset. Wait for them, or cancel, and try again.',
    );
  }
  return done.value;
}

function lockName(datasetId: string): string {
  return `dataset/${datasetId}`;
}
