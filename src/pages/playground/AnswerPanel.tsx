import type { ReactNode } from 'react';
import { cx } from '../../components/cx';
import { Notice } from '../../components/Notice';
import { Progress } from '../../components/Progress';
import type { Answer } from '../../stores/latest';
import type { Side } from './sides';
import styles from './AnswerPanel.module.css';

interface AnswerPanelProps<Result> {
  readonly side: Side;
  readonly answer: Answer<Result> | undefined;
  /** What the question is now; answers to an earlier one are shown pale until theirs has come. */
  readonly asked: string | null;
  /** What to do to get an answer; shown while nothing is asked. */
  readonly hint: string;
  /** What the numbers of the result are, in a word. */
  readonly measure: string;
  /** Shows a result that is still coming, where there is something of it. */
  readonly soFar?: (words: string) => ReactNode;
  readonly children: (result: Result) => ReactNode;
}

/** What one model answers, with its name in the colour that it has everywhere. */
export function AnswerPanel<Result>({ side, answer, asked, hint, measure, soFar, children }: AnswerPanelProps<Result>) {
  const task = answer?.task ?? null;
  const result = answer?.result ?? null;
  const problem = answer?.problem ?? null;
  const stale = answer?.answered !== asked;
  const coming =
    soFar !== undefined && task !== null && task.total === null && task.done > 0 ? soFar(task.label) : null;
  return (
    <section className={styles['panel']} aria-label={side.title} aria-busy={task !== null}>
      <header className={styles['head']}>
        <h2 className={styles['title']}>
          <i className={cx(styles['swatch'], styles[side.id])} aria-hidden />
          {side.title}
        </h2>
        {result !== null && asked !== null && measure !== '' && <small>{measure}</small>}
      </header>
      {asked === null && <p className={styles['hint']}>{hint}</p>}
      {task !== null && task.total !== null && <Progress task={task} />}
      {problem !== null && asked !== null && <Notice tone="error">{problem}</Notice>}
      {coming}
      {coming === null && result !== null && asked !== null && (
        <div className={cx(styles['result'], stale && styles['stale'])}>{children(result)}</div>
      )}
    </section>
  );
}
