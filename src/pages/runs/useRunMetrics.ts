import { useEffect, useState } from 'react';
import { readMetrics } from '../../runs/store';
import { MetricColumns } from '../../stores/metricColumns';

/** All steps of a stored run; null while they are read. Steps that cannot be read leave empty charts. */
export function useRunMetrics(runId: string): MetricColumns | null {
  const [read, setRead] = useState<{ readonly runId: string; readonly metrics: MetricColumns } | null>(null);
  useEffect(() => {
    let wanted = true;
    const take = (metrics: MetricColumns): void => {
      if (wanted) setRead({ runId, metrics });
    };
    readMetrics(runId).then(
      (rows) => take(MetricColumns.of(rows)),
      () => take(MetricColumns.empty),
    );
    return () => {
      wanted = false;
    };
  }, [runId]);
  return read?.runId === runId ? read.metrics : null;
}
