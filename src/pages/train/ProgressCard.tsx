import { memo } from 'react';
import { cx } from '../../components/cx';
import { count, duration, threeDigits } from '../../components/format';
import { ProgressBar } from '../../components/Progress';
import type { LiveRun } from '../../stores/liveRun';
import { selectionText } from '../runs/result';
import { longestLeft, pace } from './pace';
import styles from './ProgressCard.module.css';

/** How far a run is, how fast, how long still, what else it does, and the best point so far. Before the first step is through: what is being done. */
export function ProgressCard({ live }: { readonly live: LiveRun }) {
  const { phase, detail, fraction, metrics, totalSteps } = live;
  const begun = metrics.length > 0;
  const step = metrics.last('step') ?? 0;
  const share = begun && totalSteps > 0 ? step / totalSteps : fraction;
  const doing = phase === 'paused' ? 'Paused' : detail;
  return (
    <section className={styles['card']} aria-label="Progress">
      <div className={styles['numbers']}>
        {begun ? <Numbers live={live} /> : <span className={styles['detail']}>{doing}</span>}
        {begun && doing !== '' && (
          <span className={styles['badge']} title={doing}>
            {doing}
          </span>
        )}
      </div>
      {/* A line of its own: what comes and goes above must not move the page. */}
      <div className={cx(styles['numbers'], styles['kept'])}>
        <Best live={live} />
        <Checkpoint live={live} />
        {live.storageProblem !== null && (
          <span className={styles['problem']} role="status">
            {live.storageProblem}
          </span>
        )}
      </div>
      <ProgressBar label={begun ? 'Training progress' : doing} fraction={share} />
      <Ticks evaluations={live.evaluations} evaluateEvery={live.evaluateEvery} totalSteps={totalSteps} />
    </section>
  );
}

function Numbers({ live: { metrics, totalSteps, secondsLeft, phase } }: { readonly live: LiveRun }) {
  const rate = pace(metrics);
  const longest = longestLeft(metrics, totalSteps);
  return (
    <>
      <span>
        <b>{count(metrics.last('step') ?? 0)}</b> of {count(totalSteps)} steps
      </span>
      {rate !== null && phase !== 'paused' && (
        <>
          <span>
            <b>{rate.steps >= 1 ? threeDigits(rate.steps) : threeDigits(1 / rate.steps)}</b>{' '}
            {rate.steps >= 1 ? 'steps/s' : 's/step'}
          </span>
          <span>
            <b>{threeDigits(rate.pictures)}</b> pictures/s
          </span>
        </>
      )}
      <span>
        <b>{duration(metrics.last('seconds') ?? 0)}</b> elapsed
      </span>
      {secondsLeft !== null ? (
        <span>
          <b>{duration(secondsLeft)}</b> left
        </span>
      ) : (
        longest !== null && (
          <span title="Later steps are quicker: what frozen layers make of the pictures is computed once.">
            at most <b>{duration(longest)}</b> left
          </span>
        )
      )}
    </>
  );
}

function Best({ live: { recipe, baseline, evaluations, bestStep } }: { readonly live: LiveRun }) {
  const best = bestStep === 0 ? baseline : evaluations.find(({ step }) => step === bestStep)?.metrics;
  if (best === undefined || best === null || bestStep === null) return null;
  const [name, value] = selectionText(recipe, best);
  return (
    <span title="On the validation pictures">
      best {name} <b>{value}</b> {bestStep === 0 ? 'by the base model' : `at step ${count(bestStep)}`}
    </span>
  );
}

/** What a crash would leave. */
function Checkpoint({ live: { checkpoint, checkpointProblem } }: { readonly live: LiveRun }) {
  if (checkpointProblem !== null) {
    return (
      <span className={styles['problem']} role="status">
        {checkpointProblem} {checkpoint !== null && `That of step ${count(checkpoint)} stays.`}
      </span>
    );
  }
  if (checkpoint === null) return null;
  return (
    <span title="After a crash or a reload, training goes on from here.">
      checkpoint at step <b>{count(checkpoint)}</b>
    </span>
  );
}

/** Places along the bar that can be told apart. */
const tellable = 200;

/** Where the run is evaluated; those to come are paler. */
const Ticks = memo(function Ticks({
  evaluations,
  evaluateEvery,
  totalSteps,
}: Pick<LiveRun, 'evaluations' | 'evaluateEvery' | 'totalSteps'>) {
  if (totalSteps === 0) return null;
  const placeOf = (step: number): number => Math.round((tellable * step) / totalSteps);
  const done = new Set(evaluations.map(({ step }) => placeOf(step)));
  // Below a few pixels apart, marks would be a smear that says nothing.
  const regular = evaluateEvery > 0 && totalSteps / evaluateEvery <= 100 ? evaluateEvery : totalSteps;
  const places = new Set(done);
  for (let step = regular; step < totalSteps; step += regular) places.add(placeOf(step));
  return (
    <div className={styles['ticks']} aria-hidden>
      {[...places].map((place) => (
        <i
          key={place}
          className={done.has(place) ? styles['done'] : undefined}
          style={{ left: `${(100 * place) / tellable}%` }}
        />
      ))}
    </div>
  );
});
