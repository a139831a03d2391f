import { useMemo } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { datasetHolds, type DatasetHolds } from '../../stores/datasetHolds';
import { useDataStore } from '../../stores/data';
import { useRunStore } from '../../stores/run';

/** Why something cannot be done with a dataset just now; null: no dataset. */
export function useDatasetHolds(datasetId: string | null): DatasetHolds {
  const importing = useDataStore((state) => state.importing !== null);
  // A run in progress changes several times a second; what holds a dataset does not.
  const live = useRunStore(
    useShallow(({ live: run }) => run && { runId: run.runId, name: run.name, datasetId: run.datasetId, end: run.end }),
  );
  const runs = useRunStore((state) => state.runs);
  return useMemo(() => datasetHolds(datasetId, { importing, live, runs }), [datasetId, importing, live, runs]);
}
