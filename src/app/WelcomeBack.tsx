import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { Button } from '../components/Button';
import { count } from '../components/format';
import { Notice } from '../components/Notice';
import { Sparkline } from '../components/Sparkline';
import { useRunMetrics } from '../pages/runs/useRunMetrics';
import { useRunStore, type StoredRun } from '../stores/run';
import { useSweeps } from '../stores/sweeps';
import type { Sweep } from '../sweeps/types';
import styles from './WelcomeBack.module.css';

/** Where the browser remembers the run, or the sweep, that one does not want to go on with. */
const leftAlone = 'vernier-left-alone';

/** Offers to go on with the newest run where it was interrupted, or with its sweep, wherever one lands. */
export default function WelcomeBack() {
  const newest = useRunStore(({ runs }) => runs?.[0] ?? null);
  const step = useRunStore(({ checkpoints }) => (newest === null ? null : (checkpoints.get(newest.id) ?? null)));
  const busy = useRunStore(({ live, restart }) => live !== null || restart !== null);
  const [dismissed, setDismissed] = useState(readDismissed);
  const sweep = useLeftSweep(newest?.sweep?.id ?? null);
  if (newest === null || busy) return null;
  const dismiss = (id: string) => (): void => {
    setDismissed(id);
    writeDismissed(id);
  };
  if (sweep !== null) {
    return sweep.id === dismissed ? null : <SweepOffer key={sweep.id} sweep={sweep} onDismiss={dismiss(sweep.id)} />;
  }
  if (step === null || newest.state !== 'interrupted' || newest.id === dismissed) return null;
  return <Offer key={newest.id} run={newest} step={step} onDismiss={dismiss(newest.id)} />;
}

/** The sweep of that id, where it was left behind with something to do and no tab is at work on it. */
function useLeftSweep(id: string | null): Sweep | null {
  const refresh = useSweeps((state) => state.refresh);
  useEffect(() => {
    if (id !== null) void refresh();
  }, [id, refresh]);
  return useSweeps(({ sweeps, driven, elsewhere }) =>
    id === null || driven !== null || elsewhere.has(id)
      ? null
      : (sweeps?.find((sweep) => sweep.id === id && sweep.state === 'running') ?? null),
  );
}

interface SweepOfferProps {
  readonly sweep: Sweep;
  readonly onDismiss: () => void;
}

function SweepOffer({ sweep, onDismiss }: SweepOfferProps) {
  const [location, navigate] = useLocation();
  const page = `/runs/sweeps/${sweep.id}`;
  // That page makes the offer itself.
  if (location === page) return null;
  const ended = sweep.trials.filter(({ state }) => state !== 'running').length;
  return (
    <div className={styles['offer']}>
      <Notice
        title="Welcome back: go on with the sweep?"
        actions={
          <>
            <Button
              size="s"
              variant="primary"
              onClick={() => {
                navigate(page);
                void useSweeps.getState().goOn(sweep.id);
              }}
            >
              Go on with the sweep
            </Button>
            <Button size="s" onClick={() => navigate(page)}>
              See the sweep
            </Button>
            <Button size="s" variant="quiet" onClick={onDismiss}>
              Not now
            </Button>
          </>
        }
      >
        <p>
          {sweep.name} was interrupted after {count(ended)} of its trials. It goes on with the one that was in progress,
          from its last checkpoint.
        </p>
      </Notice>
    </div>
  );
}

interface OfferProps {
  readonly run: StoredRun;
  readonly step: number;
  readonly onDismiss: () => void;
}

function Offer({ run, step, onDismiss }: OfferProps) {
  const [, navigate] = useLocation();
  const goOn = useRunStore((state) => state.goOn);
  const loss = useRunMetrics(run.id)?.metrics.column('loss') ?? [];
  return (
    <div className={styles['offer']}>
      <Notice
        title={`Welcome back: go on from step ${count(step)}?`}
        actions={
          <>
            <Button
              size="s"
              variant="primary"
              onClick={() => {
                navigate('/train');
                void goOn(run.id);
              }}
            >
              Go on from step {count(step)}
            </Button>
            <Button size="s" onClick={() => navigate(`/runs/${run.id}`)}>
              See the run
            </Button>
            <Button size="s" variant="quiet" onClick={onDismiss}>
              Not now
            </Button>
          </>
        }
      >
        <div className={styles['words']}>
          <p>
            {run.name} was interrupted at step {count(run.stepsDone)} of {count(run.totalSteps)}. It goes on from its
            last checkpoint, on the same device to the same result as if nothing had happened.
          </p>
          <Sparkline values={loss} label="Its training loss so far" />
        </div>
      </Notice>
    </div>
  );
}

function readDismissed(): string | null {
  try {
    return localStorage.getItem(leftAlone);
  } catch {
    // Storage is blocked: it is offered again with every visit.
    return null;
  }
}

function writeDismissed(runId: string): void {
  try {
    localStorage.setItem(leftAlone, runId);
  } catch {
    // As above.
  }
}
