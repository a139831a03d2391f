import { SearchX } from 'lucide-react';
import { useMemo } from 'react';
import { useLocation, useParams } from 'wouter';
import { Button } from '../../components/Button';
import { EmptyState } from '../../components/EmptyState';
import { Notice } from '../../components/Notice';
import { PageHeader } from '../../components/PageHeader';
import { ProgressBar } from '../../components/Progress';
import type { Run, StoredRun } from '../../runs/types';
import { useRunStore } from '../../stores/run';
import { taskIdOf } from '../../tasks';
import { taskViews } from '../tasks';
import { LiveView } from '../train/LiveView';
import { useChanges } from '../seeing/useChanges';
import { WhatChanged } from '../seeing/WhatChanged';
import { AboutCard } from './AboutCard';
import { AdviceCard } from './AdviceCard';
import { GoOn } from './GoOn';
import { RecipeCard } from './RecipeCard';
import { RecipeLine } from './RecipeLine';
import { ResultCard } from './ResultCard';
import { restoredStep, runResult } from './result';
import { RunActions } from './RunActions';
import { RunCharts } from './RunCharts';
import { RunEvents } from './RunEvents';
import { curvesOfRecord } from './runCurves';
import { usePreviousRun } from './usePreviousRun';
import { useRunMetrics } from './useRunMetrics';
import { useTestState } from './useTestState';
import { useWatchedRun } from './useWatchedRun';
import { WordsCard } from './WordsCard';
import layout from '../layout.module.css';
import styles from './RunPage.module.css';

/** A run with its charts and its own recipe, as it was. */
export default function RunPage() {
  const { id = '' } = useParams();
  const runs = useRunStore((state) => state.runs);
  const live = useRunStore((state) => state.live);
  const run = runs?.find((each) => each.id === id);
  const own = live?.runId === id && live.end === null;
  const watched = useWatchedRun(run?.state === 'running' && !own ? id : null);
  if (own) return <LiveView live={live} />;
  if (watched !== null && watched.end === null) return <LiveView live={watched} watching />;
  if (run !== undefined) return <StoredRunView key={id} run={run} />;
  return runs === null ? <ProgressBar label="Reading the runs" fraction={null} /> : <NotFound />;
}

function StoredRunView({ run }: { readonly run: StoredRun }) {
  const runs = useRunStore((state) => state.runs);
  const previous = usePreviousRun(run.id, run.dataset.id);
  const read = useRunMetrics(run.id);
  const test = useTestState(run.id);
  const curves = useMemo(() => (read === null ? null : curvesOfRecord(run, read.metrics)), [run, read]);
  const changes = useChanges(run);
  const { Predictions } = taskViews[taskIdOf(run.recipe)];
  const others = useMemo(() => (runs ?? []).filter(({ id }) => id !== run.id), [runs, run.id]);
  return (
    <>
      <PageHeader
        title={run.name}
        summary={<RecipeLine recipe={run.recipe} datasetName={run.dataset.name} other={previous} />}
        actions={<RunActions run={run} />}
      />
      <div className={styles['above']}>
        <HowItEnded run={run} />
        {run.notes.length > 0 && (
          <Notice title="An earlier version of the studio wrote this run down">{run.notes.join(' ')}</Notice>
        )}
        {read?.damaged === true && (
          <Notice tone="warn" title="A part of the curves is damaged">
            What of them cannot be read is left out.
          </Notice>
        )}
        <ResultCard
          result={runResult(run)}
          test={test}
          chosen={restoredStep(run) !== null}
          message={run.state === 'interrupted' || run.state === 'failed' ? '' : run.message}
          seconds={run.seconds}
        />
        {changes !== null && <WhatChanged changes={changes} run={run} />}
      </div>
      <div className={layout['sided']}>
        <div>
          {curves === null ? <ProgressBar label="Reading the curves" fraction={null} /> : <RunCharts curves={curves} />}
        </div>
        <aside className={layout['stack']}>
          <RunEvents events={run.events} />
          {read !== null && run.state !== 'running' && <AdviceCard run={run} metrics={read.metrics} test={test} />}
          <RecipeCard run={run} others={others} />
          <WordsCard key={run.id} run={run} />
          <AboutCard run={run} />
          {run.predictions !== null && <Predictions predictions={run.predictions} />}
        </aside>
      </div>
    </>
  );
}

function HowItEnded({ run }: { readonly run: Run }) {
  if (run.state === 'running') {
    return <Notice title="This run is in progress in another tab.">What it has stored so far is shown here.</Notice>;
  }
  if (run.state === 'interrupted') {
    return (
      <Notice tone="warn" title="This run was interrupted" actions={<GoOn runId={run.id} />}>
        {run.message}
      </Notice>
    );
  }
  if (run.state === 'failed') {
    return (
      <Notice tone="error" title="This run has failed" actions={<GoOn runId={run.id} />}>
        {run.message}
      </Notice>
    );
  }
  return null;
}

function NotFound() {
  const [, navigate] = useLocation();
  return (
    <EmptyState
      icon={<SearchX />}
      title="This run is not stored here"
      actions={
        <Button variant="primary" onClick={() => navigate('/train')}>
          All runs
        </Button>
      }
    >
      It was deleted, or belongs to another browser or profile.
    </EmptyState>
  );
}
