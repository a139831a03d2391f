import type { Run } from '../../runs/types';
import { useRunStore } from '../../stores/run';

/** The stored run that began last before the given one (or of all, where it is not stored yet); null where there is none. */
export function usePreviousRun(runId: string): Run | null {
  return useRunStore(({ runs }) => {
    if (runs === null) return null;
    const own = runs.findIndex(({ id }) => id === runId);
    return runs[own + 1] ?? null;
  });
}
