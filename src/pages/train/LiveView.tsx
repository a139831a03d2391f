import { memo, useDeferredValue, useMemo } from 'react';
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
import { controlledBy, Controls } from './Controls';
import { EndedActions, Outcome } from './Outcome';
import { Findings } from './Findings';
import { ProgressCard } from './ProgressCard';
import { QueueCard } from './QueueCard';
import layout from '../layout.module.css';
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
  const asked = useRunStore((state) => state.asked);
  const run = useRunStore((state) => state.runs?.find(({ id }) => id === live.runId) ?? null);
  const previous = usePreviousRun(live.runId, live.datasetId);
  // Charts are drawn after all else, in parts short enough for frames to come between.
  const drawn = useDeferredValue(live);
  const curves = useMemo(() => curvesOfLive(drawn), [drawn]);
  const over = live.end !== null;
  return (
    <>
      <PageHeader
        title={live.name}
        summary={<RecipeLine recipe={live.recipe} datasetName={run?.dataset.name ?? null} other={previous} />}
        actions={
          watching ? undefined : over ? (
            <EndedActions live={live} />
          ) : (
            <Controls {...controlledBy(live)} asked={asked} />
          )
        }
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
      <div className={layout['sided']}>
        <RunCharts curves={curves} />
        <aside className={layout['stack']}>
          <RunEvents events={live.events} />
          <WhatItPredicts recipe={live.recipe} predictions={live.predictions} />
          {!watching && <QueueCard />}
          <Findings live={live} stoppable={!over && !watching && asked !== 'stop'} />
        </aside>
      </div>
      <Announcer evaluations={live.evaluations} recipe={live.recipe} phase={live.phase} end={live.end} />
    </>
  );
}

/** Changes with evaluations only, and may hold many pictures. */
const WhatItPredicts = memo(function WhatItPredicts({ recipe, predictions }: Pick<LiveRun, 'recipe' | 'predictions'>) {
  const { Predictions } = taskViews[taskIdOf(recipe)];
  return <Predictions predictions={predictions} />;
});

/** What the run has changed, once its test pictures were measured. */
function Changed({ run }: { readonly run: Run }) {
  const changes = useChanges(run);
  return changes === null ? null : (
    <div className={styles['above']}>
      <WhatChanged changes={changes} run={run} />
    </div>
  );
}
