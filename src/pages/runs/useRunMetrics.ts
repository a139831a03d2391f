import { useEffect, useState } from 'react';
import { readMetrics } from '../../runs/store';
import { MetricColumns } from '../../stores/metricColumns';

/** The steps of a stored run. */
export interface RunMetrics {
  readonly metrics: MetricColumns;
  /** True when some of them could not be read and are left out. */
  readonly damaged: boolean;
}

/** All steps of a stored run; null while they are read. */
export function useRunMetrics(runId: string): RunMetrics | null {
  const [read, setRead] = useState<(RunMetrics & { readonly runId: string }) | null>(null);
  useEffect(() => {
    let wanted = true;
    const take = (metrics: MetricColumns, damaged: boolean): void => {
      if (wanted) setRead({ runId, metrics, damaged });
    };
    readMetrics(runId).then(
      ({ rows, damaged }) => take(MetricColumns.of(rows), damaged),
      () => take(MetricColumns.empty, true),
    );
    return () => {
      wanted = false;
    };
  }, [runId]);
  return read?.runId === runId ? read : null;
}
