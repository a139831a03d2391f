import { z } from 'zod';
import { datasetReader, datasetRecord } from './records';

/** How the change of a dataset is told to other tabs and to the page. */
const changeSchema = z.object({ datasetId: z.string(), revision: z.number() });
export type DatasetChange = z.infer<typeof changeSchema>;

const channelName = 'vernier-datasets';

/** The `datasets` store within a transaction that writes. */
interface DatasetStore {
  get(key: string): Promise<unknown>;
  put(value: unknown, key: string): Promise<unknown>;
}

/**
 * Counts a change of a dataset's pictures, captions or splits, within the transaction that makes it.
 * @returns the change, to be told when the transaction is done; null when there is no such dataset (any more)
 */
export async function countChange(datasets: DatasetStore, datasetId: string): Promise<DatasetChange | null> {
  const dataset = datasetReader.safeParse(await datasets.get(datasetId)).data;
  if (dataset === undefined) return null;
  const revision = (dataset.revision ?? 0) + 1;
  await datasets.put(datasetRecord({ ...dataset, revision }), datasetId);
  return { datasetId, revision };
}

/** Tells pages, in this tab and others, that a dataset has changed. */
export function tellChange(change: DatasetChange | null): void {
  if (change === null || !('BroadcastChannel' in globalThis)) return;
  const channel = new BroadcastChannel(channelName);
  channel.postMessage(change);
  channel.close();
}

/**
 * Hears of changes that other tabs and the worker made.
 * @returns a function that stops listening
 */
export function onDatasetChange(listener: (change: DatasetChange) => void): () => void {
  const channel = new BroadcastChannel(channelName);
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    const change = changeSchema.safeParse(data);
    if (change.success) listener(change.data);
  };
  return () => channel.close();
}
