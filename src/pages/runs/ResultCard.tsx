import { duration, plural } from '../../components/format';
import { recallChange, signed, type RunResult } from './result';
import styles from './ResultCard.module.css';

interface ResultCardProps {
  /** Null where nothing was evaluated. */
  readonly result: RunResult | null;
  /** How the run ended and which weights are kept, in words. */
  readonly message: string;
  /** Seconds of training. */
  readonly seconds: number;
}

/** What a run has brought: Recall@1 on the validation pictures before and after. */
export function ResultCard({ result, message, seconds }: ResultCardProps) {
  return (
    <section className={styles['card']} aria-label="Result">
      <div>
        {result === null ? <p className={styles['change']}>Nothing was evaluated</p> : <Change result={result} />}
        <p className={styles['state']}>{message}</p>
        {result !== null && (
          <p className={styles['state']}>
            Recall@1: how often the right picture, or the right caption, comes first. The mean of both directions.
          </p>
        )}
      </div>
      {result !== null && <Details result={result} seconds={seconds} />}
    </section>
  );
}

function Change({ result }: { readonly result: RunResult }) {
  const { before, after, gain, verdict } = recallChange(result);
  return (
    <p className={styles['change']}>
      Recall@1 {before} → <b>{after} %</b> <span className={styles[verdict ?? 'same']}>({gain})</span>
    </p>
  );
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
        <dt>measured on</dt>
        <dd>{plural(tuned.gallery, 'validation picture')}</dd>
      </div>
      <div>
        <dt>trained for</dt>
        <dd>{duration(seconds)}</dd>
      </div>
    </dl>
  );
}
