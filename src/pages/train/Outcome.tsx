import { Plus } from 'lucide-react';
import { useLocation } from 'wouter';
import { Button } from '../../components/Button';
import { Notice } from '../../components/Notice';
import { hasWeights } from '../../stores/chosenWeights';
import type { LiveRun } from '../../stores/liveRun';
import { useRunStore } from '../../stores/run';
import { GoingOn, GoOn } from '../runs/GoOn';
import { ResultCard } from '../runs/ResultCard';
import { restoredStep, runResult } from '../runs/result';
import { useTestState } from '../runs/useTestState';

/** How a run has ended and what it has brought. */
export function Outcome({ live }: { readonly live: LiveRun }) {
  const { end, metrics, runId } = live;
  const test = useTestState(runId);
  if (end === null) return null;
  if (end.reason === 'failed' || end.reason === 'interrupted') {
    return (
      <Notice
        tone="error"
        title={end.reason === 'failed' ? 'The run has failed' : 'The run was interrupted'}
        actions={<GoingOn runId={runId} />}
      >
        {end.message}
      </Notice>
    );
  }
  return (
    <ResultCard
      result={runResult(live)}
      test={test}
      chosen={restoredStep(live) !== null}
      message={end.message}
      seconds={metrics.last('seconds') ?? 0}
    />
  );
}

/** What one does after a run. */
export function EndedActions({ live }: { readonly live: LiveRun }) {
  const [, navigate] = useLocation();
  const clear = useRunStore((state) => state.clear);
  const usable = useRunStore(
    ({ runs, unstored }) => runs?.some((run) => run.id === live.runId && hasWeights(run, unstored)) ?? false,
  );
  return (
    <>
      <Button variant={usable ? 'secondary' : 'primary'} icon={<Plus />} onClick={clear}>
        New run
      </Button>
      {live.end?.reason === 'stopped' && (live.metrics.last('step') ?? 0) < live.totalSteps && (
        <GoOn runId={live.runId} size="m" variant="secondary" />
      )}
      {usable && (
        <>
          <Button onClick={() => navigate('/playground')}>Playground</Button>
          <Button onClick={() => navigate('/export')}>Export</Button>
          <Button variant="primary" onClick={() => navigate('/evaluate')}>
            Evaluate
          </Button>
        </>
      )}
    </>
  );
}
