import { useLocation } from 'wouter';
import { Button } from '../../components/Button';
import { count } from '../../components/format';
import { useRunStore } from '../../stores/run';

interface GoOnProps {
  readonly runId: string;
  readonly size?: 's' | 'm';
  readonly variant?: 'primary' | 'secondary';
}

/** Goes on with a run that has not come to its end, from its last checkpoint; nothing where it has none. */
export function GoOn({ runId, size = 's', variant = 'primary' }: GoOnProps) {
  const [, navigate] = useLocation();
  const step = useRunStore(({ checkpoints }) => checkpoints.get(runId) ?? null);
  const training = useRunStore(({ active }) => active !== null);
  const goOn = useRunStore((state) => state.goOn);
  if (step === null) return null;
  return (
    <Button
      size={size}
      variant={variant}
      disabledReason={training ? 'Another run is in progress.' : null}
      onClick={() => {
        navigate('/train');
        void goOn(runId);
      }}
    >
      Go on from step {count(step)}
    </Button>
  );
}

/** Says that a run goes on by itself, which can be called off. */
export function GoingOn({ runId }: { readonly runId: string }) {
  const restart = useRunStore((state) => state.restart);
  const givenUp = useRunStore((state) => state.givenUp);
  const cancel = useRunStore((state) => state.cancelRestart);
  if (restart?.runId !== runId) {
    return (
      <>
        {givenUp?.runId === runId && (
          <span>It was lost {givenUp.times} times at the same place, so it does not go on by itself any more.</span>
        )}
        <GoOn runId={runId} />
      </>
    );
  }
  const { step, seconds } = restart;
  return (
    <>
      <span>
        It {step === 0 ? 'begins once more' : `goes on from step ${count(step)}`} in{' '}
        {seconds === 1 ? 'a second' : `${seconds} seconds`}.
      </span>
      <Button size="s" onClick={cancel}>
        Leave it
      </Button>
    </>
  );
}
