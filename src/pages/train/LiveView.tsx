import { useMemo } from 'react';
import { Notice } from '../../components/Notice';
import { PageHeader } from '../../components/PageHeader';
import type { Run } from '../../runs/types';
import type { LiveRun } from '../../stores/liveRun';
import { useRunStore } from '../../stores/run';
import { RecipeLine } from '../runs/RecipeLine';
import { RunCharts } from '../runs/RunCharts';
import { RunEvents } from '../runs/RunEvents';
import { curvesOfLive } from '../runs/runCurves';
import { usePreviousRun } from '../runs/usePreviousRun';
import { taskIdOf } from '../../tasks';
import { useChanges } from '../seeing/useChanges';
import { WhatChanged } from '../seeing/WhatChanged';
import { taskViews } from '../tasks';
import { Announcer } from './Announcer';
import { Controls } from './Controls';
import { EndedActions, Outcome } from './Outcome';
import { Findings } from './Findings';
import { ProgressCard } from './ProgressCard';
import { QueueCard } from './QueueCard';
import styles from './LiveView.module.css';

interface LiveViewProps {
  readonly live: LiveRun;
  /** Another tab trains it. */
  readonly watching?: boolean;
}

/** The run in progress, or the one that has just ended. */
export function LiveView({ live, watching = false }: LiveViewProps) {
  const problem = useRunStore((state) => state.problem);
  const dismissProblem = useRunStore((state) => state.dismissProblem);
  const stop = useRunStore((state) => state.stop);
  const asked = useRunStore((state) => state.asked);
  const run = useRunStore((state) => state.runs?.find(({ id }) => id === live.runId) ?? null);
  const previous = usePreviousRun(live.runId, live.datasetId);
  const curves = useMemo(() => curvesOfLive(live), [live]);
  const { Predictions } = taskViews[taskIdOf(live.recipe)];
  const over = live.end !== null;
  return (
    <>
      <PageHeader
        title={live.name}
        summary={<RecipeLine recipe={live.recipe} datasetName={run?.dataset.name ?? null} other={previous} />}
        actions={watching ? undefined : over ? <EndedActions live={live} /> : <Controls live={live} asked={asked} />}
      />
      {watching && (
        <div className={styles['above']}>
          <Notice>This run is in progress in another tab, where it can be paused, changed and stopped.</Notice>
        </div>
      )}
      {problem !== null && (
        <div className={styles['above']}>
          <Notice tone="error" onDismiss={dismissProblem}>
            {problem}
          </Notice>
        </div>
      )}
      <div className={styles['above']}>{over ? <Outcome live={live} /> : <ProgressCard live={live} />}</div>
      {over && run !== null && <Changed run={run} />}
      <div className={styles['columns']}>
        <RunCharts curves={curves} />
        <aside className={styles['aside']}>
          <RunEvents events={live.events} />
          <Predictions predictions={live.predictions} />
          {!watching && <QueueCard />}
          <Findings live={live} onStop={over || watching || asked === 'stop' ? null : () => void stop()} />
        </aside>
      </div>
      <Announcer live={live} />
    </>
  );
}

/** What the run has changed, once its test pictures were measured. */
function Changed({ run }: { readonly run: Run }) {
  const changes = useChanges(run);
  return changes === null ? null : (
    <div className={styles['above']}>
      <WhatChanged changes={changes} run={run} />
    </div>
  );
}
