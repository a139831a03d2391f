import { Button } from '../../components/Button';
import { cx } from '../../components/cx';
import { duration, plural, withMinus } from '../../components/format';
import type { TestResult } from '../../protocol/training';
import type { TaskId } from '../../tasks';
import { tasks } from '../../tasks';
import { picturesMetric } from '../../tasks/metrics';
import { taskViews } from '../tasks';
import { headlineChange, resultChange, scaleOf, signed, type HeadlineChange, type RunResult } from './result';
import styles from './ResultCard.module.css';

/** What is known of a run on its test pictures. */
export interface TestState {
  /** What the run teaches. */
  readonly task: TaskId;
  /** Pictures of the test split as the run saw it. */
  readonly pictures: number;
  readonly result: TestResult | null;
  /** Why there is no result, where measuring would not help or is under way; null where it can be begun. */
  readonly reason: string | null;
  readonly measure: () => void;
}

interface ResultCardProps {
  /** Null where nothing was evaluated. */
  readonly result: RunResult | null;
  readonly test: TestState | null;
  /** Whether the validation pictures chose which weights are kept. */
  readonly chosen: boolean;
  /** How the run ended and which weights are kept, in words. */
  readonly message: string;
  /** Seconds of training. */
  readonly seconds: number;
}

/** What a run has brought: before and after on the validation pictures, which chose the weights, and on the test pictures, which did not. */
export function ResultCard({ result, test, chosen, message, seconds }: ResultCardProps) {
  return (
    <section className={styles['card']} aria-label="Result">
      {result === null ? <p className={styles['change']}>Nothing was evaluated</p> : null}
      {result !== null && (
        <div className={styles['blocks']}>
          <div>
            <h2 className={styles['title']}>Validation</h2>
            <Change change={resultChange(result)} />
            <p className={styles['state']}>
              {plural(result.tuned.metrics[picturesMetric] ?? NaN, 'picture')}
              {chosen && ' that chose the weights: expect a little less on others'}
            </p>
          </div>
          {test !== null && <Test test={test} />}
          <Details result={result} seconds={seconds} />
        </div>
      )}
      <p className={styles['state']}>
        {message}
        {result !== null && ` ${meaningOf(resultChange(result))}`}
      </p>
    </section>
  );
}

function meaningOf({ label, meaning }: HeadlineChange): string {
  return `${label}: ${meaning}.`;
}

function Change({ change: { label, before, after, gain, interval, verdict } }: { readonly change: HeadlineChange }) {
  return (
    <>
      <p className={styles['change']}>
        {label} {before} → <b>{after}</b>
      </p>
      <p className={verdict === null ? styles['same'] : cx(styles['told'], styles[verdict])}>
        {gain}
        {interval !== null && `, 95 % interval ${interval}`}
        {interval !== null && verdict === null && ': may be chance'}
      </p>
    </>
  );
}

function Test({ test: { task, pictures, result, reason, measure } }: { readonly test: TestState }) {
  return (
    <div>
      <h2 className={styles['title']}>Test</h2>
      {result === null ? (
        <>
          <p className={styles['state']}>{reason ?? `Not measured yet on its ${plural(pictures, 'picture')}.`}</p>
          {reason === null && (
            <Button size="s" onClick={measure}>
              Measure
            </Button>
          )}
        </>
      ) : (
        <>
          <Change change={headlineChange({ task: tasks[task], ...result })} />
          <p className={styles['state']}>{ofTest(task, result)}</p>
        </>
      )}
    </div>
  );
}

function ofTest(task: TaskId, { tuned, about }: TestResult): string {
  const measured = tuned[picturesMetric] ?? NaN;
  const known = taskViews[task].known(about, measured);
  return `${plural(measured, 'picture')} that had no part in the run${known === '' ? '' : `; ${known}`}`;
}

function Details({ result: { task, base, tuned }, seconds }: { readonly result: RunResult; readonly seconds: number }) {
  const rows = task.details.flatMap(({ label, name }) => {
    const metric = task.metrics.find((each) => each.name === name);
    if (metric === undefined) return [];
    const scale = scaleOf(metric);
    const [before, after] = [scale * (base[name] ?? NaN), scale * (tuned.metrics[name] ?? NaN)];
    // Some are of some kinds of labels alone.
    if (Number.isNaN(after)) return [];
    return [{ label, before, after, digits: metric.digits, unit: metric.unit === 'share' ? ' %' : '' }];
  });
  return (
    <dl className={styles['details']}>
      {rows.map(({ label, before, after, digits, unit }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            {Number.isNaN(before) ? '' : `${withMinus(before.toFixed(digits))} → `}
            {withMinus(after.toFixed(digits))}
            {unit} {!Number.isNaN(before) && <span>({signed(after - before, digits)})</span>}
          </dd>
        </div>
      ))}
      <div>
        <dt>trained for</dt>
        <dd>{duration(seconds)}</dd>
      </div>
    </dl>
  );
}
