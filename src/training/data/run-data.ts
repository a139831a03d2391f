import { DatasetError } from '../../dataset/errors';
import { datasetOf } from '../../dataset/records';
import type { SampleRecord } from '../../dataset/types';
import { readRunData } from '../../runs/store';
import type { Run, RunData } from '../../runs/types';
import { splitsOf, type DatasetView } from './dataset-view';
import { StudioError } from '../../protocol/errors';

/** True when a view shows the dataset of a run, but not as the run saw it: pictures, captions or splits are others. */
export function hasChangedSince(run: Run, view: DatasetView): boolean {
  return view.dataset.id === run.dataset.id && view.fingerprint !== run.dataset.fingerprint;
}

/**
 * What was in which split when a run began, by content hash.
 *
 * @param data what `dataOfRun` gave, for runs that did not write it down
 */
export async function splitsOfRun(run: Run, data: DatasetView | string): Promise<RunData | null> {
  return (await readRunData(run.id)) ?? (typeof data === 'string' ? null : splitsOf(data));
}

/**
 * Which pictures a run was trained on, whatever part they are in today and whichever dataset they lie in. Of a run that did not write down what it
 * saw, it is the training part of its dataset as that is now.
 */
export async function trainedOn(run: Run): Promise<(picture: SampleRecord) => boolean> {
  const data = await readRunData(run.id);
  if (data === null) return ({ id, split }) => datasetOf(id) === run.dataset.id && split === 'train';
  const trained = new Set(data.train);
  return ({ hash }) => trained.has(hash);
}

/**
 * The data of a run, as long as it is stored as the run saw it.
 *
 * @param load what the run's task makes of a dataset
 * @returns `changed` where pictures, captions or splits are others now, so that it cannot be told any more what was trained on; `gone` where the
 * dataset was deleted
 */
export async function dataOfRun(
  run: Run,
  load: (datasetId: string) => Promise<DatasetView>,
): Promise<DatasetView | 'changed' | 'gone'> {
  try {
    const view = await load(run.dataset.id);
    return hasChangedSince(run, view) ? 'changed' : view;
  } catch (error) {
    if (error instanceof DatasetError && error.code === 'not-found') return 'gone';
    // A run has seen captions; where there are none left, they were taken out after it.
    if (error instanceof StudioError && error.code === 'too-few') return 'changed';
    throw error;
  }
}
