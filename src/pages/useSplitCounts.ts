import { useMemo } from 'react';
import { useDataStore } from '../stores/data';
import { countSplits, type SplitCounts } from '../stores/readiness';

/** The counts of the dataset in use. */
export function useSplitCounts(): SplitCounts {
  const images = useDataStore((state) => state.images);
  return useMemo(() => countSplits(images), [images]);
}
