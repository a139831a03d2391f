import { memo, useMemo, useState } from 'react';
import { adviseOnCourse } from '../../adviser/advice';
import { Button } from '../../components/Button';
import { count } from '../../components/format';
import { Notice } from '../../components/Notice';
import { forgets } from '../../recipe/checks';
import type { LiveRun } from '../../stores/liveRun';
import { useModelStore } from '../../stores/model';
import { useRunStore } from '../../stores/run';
import { courseOf } from '../runs/evidence';
import { advisedAnew } from './advisedAnew';
import styles from './Findings.module.css';

/**
 * Notes on a run, while it goes on and afterwards. Findings follow from what was measured so far and are stored nowhere. They only advise: a run
 * is stopped by the user's click.
 */

interface FindingsProps {
  /** The run when the adviser was asked last. */
  readonly asked: LiveRun;
  readonly notes: LiveRun['notes'];
  /** Stopping is offered where it would help. */
  readonly stoppable: boolean;
}

/** What the curves give away, and what the worker has to say about the run. */
export function Findings({ live, stoppable }: { readonly live: LiveRun; readonly stoppable: boolean }) {
  const [asked, setAsked] = useState(live);
  const due = asked !== live && advisedAnew(asked, live);
  if (due) setAsked(live);
  return <Notes asked={due ? live : asked} notes={live.notes} stoppable={stoppable} />;
}

const Notes = memo(function Notes({ asked: live, notes, stoppable }: FindingsProps) {
  const { recipe } = live;
  const model = useModelStore((state) => state.model);
  const stop = useRunStore((state) => state.stop);
  const findings = useMemo(
    () => adviseOnCourse(courseOf(live, model?.id === recipe.model && forgets(recipe, model))),
    [live, recipe, model],
  );
  if (findings.length === 0 && notes.length === 0) return null;
  return (
    <section className={styles['findings']} aria-labelledby="run-notes">
      <h2 id="run-notes">Notes</h2>
      {findings.map(({ id, title, reason, stop: mayStop = false, mild = false }) => (
        <Notice
          key={id}
          tone={mild ? 'info' : 'warn'}
          title={`${title}.`}
          actions={
            mayStop && stoppable ? (
              <>
                <Button size="s" onClick={() => void stop()}>
                  Stop now
                </Button>
                {id !== 'rate-high' && <StopLater live={live} />}
              </>
            ) : undefined
          }
        >
          {reason}
        </Notice>
      ))}
      {notes.map((note) => (
        <Notice key={note}>{note}</Notice>
      ))}
    </section>
  );
});

/** Offers to stop by itself when a few more evaluations bring nothing. */
function StopLater({ live: { evaluateEvery } }: { readonly live: LiveRun }) {
  const rule = useRunStore((state) => state.stopWithoutGain);
  const stopAfter = useRunStore((state) => state.stopAfter);
  const steps = Math.max(1, evaluateEvery) * 3;
  return rule === null ? (
    <Button size="s" onClick={() => stopAfter(steps)}>
      Stop after {count(steps)} more steps without gain
    </Button>
  ) : (
    <Button size="s" onClick={() => stopAfter(null)}>
      Do not stop after {count(rule.steps)} steps without gain
    </Button>
  );
}
