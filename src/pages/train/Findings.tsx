import { useMemo } from 'react';
import { adviseOnCourse } from '../../adviser/advice';
import { Button } from '../../components/Button';
import { count } from '../../components/format';
import { Notice } from '../../components/Notice';
import { forgets } from '../../recipe/checks';
import type { LiveRun } from '../../stores/liveRun';
import { useModelStore } from '../../stores/model';
import { useRunStore } from '../../stores/run';
import { courseOf } from '../runs/evidence';
import styles from './Findings.module.css';

/**
 * Notes on a run, while it goes on and afterwards. Findings follow from what was measured so far and are stored nowhere. They only advise: a run
 * is stopped by the user's click.
 */

interface FindingsProps {
  readonly live: LiveRun;
  /** Offered where stopping would help; null when the run has ended or is being stopped. */
  readonly onStop: (() => void) | null;
}

/** What the curves give away, and what the worker has to say about the run. */
export function Findings({ live, onStop }: FindingsProps) {
  const { recipe, notes } = live;
  const model = useModelStore((state) => state.model);
  const findings = useMemo(
    () => adviseOnCourse(courseOf(live, model?.id === recipe.model && forgets(recipe, model))),
    [live, recipe, model],
  );
  if (findings.length === 0 && notes.length === 0) return null;
  return (
    <section className={styles['findings']} aria-labelledby="run-notes">
      <h2 id="run-notes">Notes</h2>
      {findings.map(({ id, title, reason, stop = false, mild = false }) => (
        <Notice
          key={id}
          tone={mild ? 'info' : 'warn'}
          title={`${title}.`}
          actions={
            stop && onStop !== null ? (
              <>
                <Button size="s" onClick={onStop}>
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
}

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
