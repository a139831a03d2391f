import { readDataset, readDatasetRecord } from '../../dataset/storage';
import type { Dataset, SampleRecord } from '../../dataset/types';

/** A dataset with the checked records of all its pictures that take part. */
export interface DatasetRecords {
  readonly dataset: Dataset;
  /** The same array as long as the data is the same. */
  readonly items: readonly SampleRecord[];
}

/** The dataset read last. Several at once would hold up to 50,000 records each. */
let known: DatasetRecords | null = null;

/**
 * All pictures of a dataset but those that a person has excluded: the one door to them for all that trains, measures and searches. They are read and checked again only after a change, which the dataset's revision tells: in this tab or another.
 * @throws DatasetError `not-found`
 */
export async function readRecords(datasetId: string): Promise<DatasetRecords> {
  const dataset = await readDatasetRecord(datasetId);
  if (known?.dataset.id === datasetId && known.dataset.revision === dataset.revision) {
    // A new name is no change of the data.
    known = { dataset, items: known.items };
    return known;
  }
  const { dataset: current, items } = await readDataset(datasetId);
  known = { dataset: current, items: items.filter(({ excluded }) => excluded !== true) };
  return known;
}
