import { StudioError } from '../protocol/errors';
import { deleteModel } from '../storage/model-files';
import { unlessInUse, using } from '../storage/in-use';

/**
 * Does `work`, such as a run, that reads the files of a stored model anew where its worker has to begin again: they are not deleted meanwhile, in
 * whichever tab.
 *
 * @param stored what the model is stored as
 */
export function usingBaseModel<T>(stored: string, work: () => Promise<T>): Promise<T> {
  return using(lockName(stored), work);
}

/**
 * Removes the files of a model.
 *
 * @throws StudioError `busy` without having removed any while a run trains it, in whichever tab
 */
export async function deleteBaseModel(stored: string): Promise<void> {
  const done = await unlessInUse(lockName(stored), () => deleteModel(stored));
  if (done !== null) return;
  throw new StudioError(
    'busy',
    'A run is training this model, so it was not deleted. Wait for its end, or stop it on the Train page of the tab that trains.',
  );
}

function lockName(stored: string): string {
  return `model/${stored}`;
}
