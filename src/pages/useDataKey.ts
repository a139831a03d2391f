import { dataKey } from '../stores/dataKey';
import { useProjectStore } from '../stores/project';

/** Names the dataset in use as it is now; another after every change of its pictures, captions or splits. */
export function useDataKey(): string {
  return useProjectStore(({ dataset }) => dataKey(dataset));
}
