import { useMemo } from 'react';
import type { Run } from '../../runs/types';
import { useEvaluations } from '../../stores/evaluation';
import { useDataStore } from '../../stores/data';
import { testResult } from '../../runs/tested';
import { testKey } from '../../stores/testAfterRun';
import { changesOf, type Changes } from '../../tasks/changes';

/** What training changed of a run's test pictures: all of it where they were just measured, else what the run has noted; null while that is not known. */
export function useChanges(run: Run): Changes | null {
  useDataStore(({ dataset }) => dataset);
  const job = useEvaluations(({ jobs }) => jobs[testKey(run)]);
  const outcomes = job?.state === 'done' ? job.result.outcomes : null;
  const all = useMemo(() => (outcomes === null ? null : changesOf(outcomes)), [outcomes]);
  return all ?? testResult(run)?.changes ?? null;
}
