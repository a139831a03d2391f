import { Button } from '../../components/Button';
import { cx } from '../../components/cx';
import { count, duration, plural } from '../../components/format';
import type { TestResult } from '../../protocol/protocol';
import { resultChange, headlineChange, signed, type HeadlineChange, type RunResult } from './result';
import styles from './ResultCard.module.css';

/** What is known of a run on its test pictures. */
export interface TestState {
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
              {plural(result.tuned.gallery, 'picture')}
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
        {label} {before} → <b>{after} %</b>
      </p>
      <p className={verdict === null ? styles['same'] : cx(styles['told'], styles[verdict])}>
        {gain} points{interval !== null && `, 95 % interval ${interval}`}
        {interval !== null && verdict === null && ': may be chance'}
      </p>
    </>
  );
}

function Test({ test: { pictures, result, reason, measure } }: { readonly test: TestState }) {
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
          <Change change={headlineChange(result)} />
          <p className={styles['state']}>{ofTest(result)}</p>
        </>
      )}
    </div>
  );
}

function ofTest({ tuned: { gallery }, trained }: TestResult): string {
  const pictures = `${plural(gallery, 'picture')} that had no part in the run`;
  if (trained.pictures === 0) return pictures;
  const known = trained.pictures === gallery ? 'all' : count(trained.pictures);
  return `${pictures}; ${known} ${trained.pictures === 1 ? 'carries a caption' : 'carry captions'} that ${trained.pictures === 1 ? 'was' : 'were'} trained on`;
}

function Details({ result: { base, tuned }, seconds }: { readonly result: RunResult; readonly seconds: number }) {
  const rows = [
    ['words → picture', base.textToImage, tuned.textToImage],
    ['picture → words', base.imageToText, tuned.imageToText],
  ] as const;
  return (
    <dl className={styles['details']}>
      {rows.map(([direction, before, after]) => (
        <div key={direction}>
          <dt>{direction}</dt>
          <dd>
            {(100 * before.recallAt1).toFixed(1)} → {(100 * after.recallAt1).toFixed(1)} %{' '}
            <span>({signed(100 * (after.recallAt1 - before.recallAt1))})</span>
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
