import { runBefore } from '../../runs/since';
import type { Run } from '../../runs/types';
import { useRunStore } from '../../stores/run';

/** The stored run that began last before the given one (or of all, where it is not stored yet) on the same data; null where there is none. */
export function usePreviousRun(runId: string, datasetId: string): Run | null {
  return useRunStore(({ runs }) => {
    if (runs === null) return null;
    const own = runs.find(({ id }) => id === runId);
    return own === undefined ? (runs.find(({ dataset }) => dataset.id === datasetId) ?? null) : runBefore(own, runs);
  });
}
