import { useMemo } from 'react';
import { Button } from '../../components/Button';
import { Notice } from '../../components/Notice';
import { diagnose } from '../../stores/diagnosis';
import type { LiveRun } from '../../stores/liveRun';
import styles from './Findings.module.css';

interface FindingsProps {
  readonly live: LiveRun;
  /** Offered where stopping would help; null when the run has ended or is being stopped. */
  readonly onStop: (() => void) | null;
}

/** What the curves give away, and what the worker has to say about the run. */
export function Findings({ live, onStop }: FindingsProps) {
  const { metrics, baseline, evaluations, recipe, notes } = live;
  const findings = useMemo(
    () =>
      diagnose({
        metrics,
        baseline,
        evaluations,
        maxLogitScale: recipe.maxLogitScale,
        restoreBest: recipe.restoreBest,
      }),
    [metrics, baseline, evaluations, recipe],
  );
  if (findings.length === 0 && notes.length === 0) return null;
  return (
    <section className={styles['findings']} aria-labelledby="run-notes">
      <h2 id="run-notes">Notes</h2>
      {findings.map(({ id, tone, title, text, action }) => (
        <Notice
          key={id}
          tone={tone === 'warning' ? 'warn' : 'info'}
          title={title}
          actions={
            action === 'stop' && onStop !== null ? (
              <Button size="s" onClick={onStop}>
                Stop now
              </Button>
            ) : undefined
          }
        >
          {text}
        </Notice>
      ))}
      {notes.map((note) => (
        <Notice key={note}>{note}</Notice>
      ))}
    </section>
  );
}
