import { useLocation } from 'wouter';
import { Button } from '../../components/Button';
import { duration, plural } from '../../components/format';
import { Notice } from '../../components/Notice';
import type { LiveRun } from '../../stores/liveRun';
import { useRunStore } from '../../stores/run';
import { recallChange, runResult, signed, type RunResult } from '../runs/result';
import styles from './Outcome.module.css';

/** What a run has brought: Recall@1 before and after, and which weights were kept. */
export function Outcome({ live }: { readonly live: LiveRun }) {
  const { end, metrics } = live;
  if (end === null) return null;
  const result = runResult(live);
  return (
    <div className={styles['outcome']}>
      {end.reason === 'failed' && (
        <Notice tone="error" title="The run has failed">
          {end.message}
        </Notice>
      )}
      {(end.reason !== 'failed' || result !== null) && (
        <section className={styles['card']} aria-label="Result">
          <div className={styles['main']}>
            {result === null ? <p className={styles['change']}>Nothing was evaluated</p> : <Change result={result} />}
            <p className={styles['state']}>{end.reason === 'failed' ? 'Before it failed.' : end.message}</p>
          </div>
          {result !== null && <Details result={result} seconds={metrics.last('seconds') ?? 0} />}
        </section>
      )}
    </div>
  );
}

function Change({ result }: { readonly result: RunResult }) {
  const { before, after, gain } = recallChange(result);
  return (
    <p className={styles['change']}>
      Recall@1 {before} → <b>{after} %</b>{' '}
      <span className={gain.startsWith('+') ? styles['gain'] : styles['loss']}>({gain})</span>
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

/** What one does after a run. */
export function EndedActions({ live }: { readonly live: LiveRun }) {
  const [, navigate] = useLocation();
  const clear = useRunStore((state) => state.clear);
  const usable = live.evaluations.length > 0 || live.end?.bestStep !== null;
  return (
    <>
      <Button onClick={clear}>New run</Button>
      {usable && (
        <>
          <Button onClick={() => navigate('/playground')}>Try it out</Button>
          <Button onClick={() => navigate('/export')}>Export</Button>
          <Button variant="primary" onClick={() => navigate('/evaluate')}>
            Evaluate
          </Button>
        </>
      )}
    </>
  );
}
