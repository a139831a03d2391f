import { useState } from 'react';
import { useLocation } from 'wouter';
import { Button } from '../components/Button';
import { count } from '../components/format';
import { Notice } from '../components/Notice';
import { Sparkline } from '../components/Sparkline';
import { useRunMetrics } from '../pages/runs/useRunMetrics';
import { useRunStore, type StoredRun } from '../stores/run';
import styles from './WelcomeBack.module.css';

/** Where the browser remembers the run that one does not want to go on with. */
const leftAlone = 'vernier-left-alone';

/** Offers to go on with the newest run where it was interrupted, wherever one lands. */
export function WelcomeBack() {
  const newest = useRunStore(({ runs }) => runs?.[0] ?? null);
  const step = useRunStore(({ checkpoints }) => (newest === null ? null : (checkpoints.get(newest.id) ?? null)));
  const busy = useRunStore(({ live, restart }) => live !== null || restart !== null);
  const [dismissed, setDismissed] = useState(readDismissed);
  if (newest === null || step === null || busy || newest.state !== 'interrupted' || newest.id === dismissed)
    return null;
  const dismiss = (): void => {
    setDismissed(newest.id);
    writeDismissed(newest.id);
  };
  return <Offer key={newest.id} run={newest} step={step} onDismiss={dismiss} />;
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
            last checkpoint, to the same result as if nothing had happened.
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
