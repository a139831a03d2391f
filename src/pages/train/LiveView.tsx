import { useMemo } from 'react';
import { Button } from '../../components/Button';
import { Notice } from '../../components/Notice';
import { PageHeader } from '../../components/PageHeader';
import type { Run } from '../../runs/types';
import type { LiveRun } from '../../stores/liveRun';
import { useRunStore, type Control } from '../../stores/run';
import { RecipeLine } from '../runs/RecipeLine';
import { RunCharts } from '../runs/RunCharts';
import { curvesOfLive } from '../runs/runCurves';
import { usePreviousRun } from '../runs/usePreviousRun';
import { taskIdOf } from '../../tasks';
import { useChanges } from '../seeing/useChanges';
import { WhatChanged } from '../seeing/WhatChanged';
import { taskViews } from '../tasks';
import { Announcer } from './Announcer';
import { EndedActions, Outcome } from './Outcome';
import { Findings } from './Findings';
import { ProgressCard } from './ProgressCard';
import styles from './LiveView.module.css';

/** The run in progress, or the one that has just ended. */
export function LiveView({ live }: { readonly live: LiveRun }) {
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
        actions={over ? <EndedActions live={live} /> : <Controls live={live} asked={asked} />}
      />
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
          <Predictions predictions={live.predictions} />
          <Findings live={live} onStop={over || asked === 'stop' ? null : () => void stop()} />
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

/** During an evaluation a stop ends that too. */
function stopLabel({ phase, metrics, evaluations, recipe }: LiveRun): string {
  if (phase === 'evaluating' && metrics.length > 0) return 'Stop now';
  if (evaluations.length === 0) return 'Stop';
  return recipe.restoreBest ? 'Stop and keep best' : 'Stop and keep last';
}

const busyWith: Record<Control, string> = {
  pause: 'Pausing after the step in flight.',
  resume: 'Going on.',
  stop: 'Stopping after the step in flight.',
  evaluateNow: 'An evaluation is on its way.',
  checkpointNow: 'A checkpoint is on its way.',
};

function Controls({ live, asked }: { readonly live: LiveRun; readonly asked: Control | null }) {
  const { pause, resume, stop, evaluateNow } = useRunStore.getState();
  const { phase } = live;
  const busy = asked === null ? null : busyWith[asked];
  const early = phase === 'preparing' || phase === 'warming-up' ? 'Training has not begun yet.' : null;
  const finishing = phase === 'finishing' ? 'The run is ending.' : null;
  const evaluating = phase === 'evaluating' ? 'An evaluation is under way.' : null;
  return (
    <>
      <Button disabledReason={busy ?? early ?? finishing ?? evaluating} onClick={() => void evaluateNow()}>
        Evaluate now
      </Button>
      {live.paused ? (
        <Button disabledReason={busy} onClick={() => void resume()}>
          Resume
        </Button>
      ) : (
        <Button disabledReason={busy ?? early ?? finishing} onClick={() => void pause()}>
          Pause
        </Button>
      )}
      {/* No primary button: this one lies where Train has just been pressed. */}
      <Button disabledReason={asked === 'stop' ? busyWith.stop : finishing} onClick={() => void stop()}>
        {stopLabel(live)}
      </Button>
    </>
  );
}
