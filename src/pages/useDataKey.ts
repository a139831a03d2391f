import { dataKey } from '../stores/dataKey';
import { useDataStore } from '../stores/data';

/** Names the dataset in use as it is now; another after every change of its pictures, captions or splits. */
export function useDataKey(): string {
  return useDataStore(({ dataset }) => dataKey(dataset));
}
