import { FlaskConical, Pause, Pencil, Play, Repeat, Trash2 } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { useLocation, useParams } from 'wouter';
import { Button, IconButton } from '../../components/Button';
import { Card } from '../../components/Card';
import { ConfirmDialog } from '../../components/Dialog';
import { EmptyState } from '../../components/EmptyState';
import { duration, plural } from '../../components/format';
import { Notice } from '../../components/Notice';
import { PageHeader } from '../../components/PageHeader';
import { ProgressBar } from '../../components/Progress';
import { RenameDialog } from '../../components/RenameDialog';
import { useToast } from '../../components/toastContext';
import { useRunStore } from '../../stores/run';
import { useSweepDraft } from '../../stores/sweepDraft';
import { useSweeps } from '../../stores/sweeps';
import { takeRecipe } from '../../stores/takeRecipe';
import { nextStep, reached, secondsSpent } from '../../sweeps/course';
import { rangeText } from '../../sweeps/fields';
import { longestName, type Sweep } from '../../sweeps/types';
import { BestCard } from './BestCard';
import { HistoryChart } from './HistoryChart';
import { ImportanceCard } from './ImportanceCard';
import { ParallelCoordinates } from './ParallelCoordinates';
import { TrialTable } from './TrialTable';
import { fractionSpent, methodText, standOf, standText, type SweepStand } from './words';
import layout from '../layout.module.css';
import styles from './SweepPage.module.css';

/** A sweep: what it looks for, how far it is, and what it has found. */
export function SweepPage() {
  const { id = '' } = useParams();
  const [, navigate] = useLocation();
  const sweeps = useSweeps((state) => state.sweeps);
  const refresh = useSweeps((state) => state.refresh);
  useEffect(() => void refresh(), [refresh]);
  if (sweeps === null) return <ProgressBar label="Reading the sweep" fraction={null} />;
  const sweep = sweeps.find((each) => each.id === id);
  if (sweep !== undefined) return <Found sweep={sweep} />;
  return (
    <EmptyState
      icon={<FlaskConical />}
      title="This sweep is not stored here"
      actions={
        <Button variant="primary" onClick={() => navigate('/runs')}>
          All runs
        </Button>
      }
    >
      It was deleted, or belongs to another browser or profile.
    </EmptyState>
  );
}

function Found({ sweep }: { readonly sweep: Sweep }) {
  const driven = useSweeps((state) => state.driven === sweep.id);
  const elsewhere = useSweeps((state) => state.elsewhere.has(sweep.id));
  const problem = useSweeps((state) => state.problem);
  const stand = standOf(sweep, { driven, elsewhere });
  const fields = useMemo(() => sweep.fields.map((field) => rangeText(field, sweep.recipe)).join(' · '), [sweep]);
  return (
    <>
      <PageHeader
        title={sweep.name}
        summary={`${methodText(sweep.method)} over ${fields} · ${sweep.dataset.name}`}
        actions={<Actions sweep={sweep} stand={stand} />}
      />
      <div className={layout['stack']}>
        {problem !== null && <Notice tone="error">{problem}</Notice>}
        {stand === 'interrupted' && (
          <Notice title="This sweep was interrupted">
            {sweep.trials.some(({ state }) => state === 'running')
              ? 'It goes on with the trial that was in progress, from its last checkpoint, to the same result as if nothing had happened.'
              : 'It goes on with the next trial.'}
          </Notice>
        )}
        {stand === 'held' && <Notice tone="warn">{`It is held. ${sweep.message}`}</Notice>}
        {stand === 'elsewhere' && <Notice>Another tab trains it, where it can be paused and held.</Notice>}
        <div className={styles['top']}>
          <StandCard sweep={sweep} stand={stand} />
          <BestCard sweep={sweep} />
        </div>
        {sweep.trials.some((trial) => reached(trial) !== null) && (
          <>
            <ParallelCoordinates sweep={sweep} />
            <div className={styles['top']}>
              <HistoryChart sweep={sweep} />
              <ImportanceCard sweep={sweep} />
            </div>
          </>
        )}
        <TrialTable sweep={sweep} />
      </div>
    </>
  );
}

/** What a sweep that has ended is given at once. */
const moreOf = { runs: 5, minutes: 10 } as const;

function StandCard({ sweep, stand }: { readonly sweep: Sweep; readonly stand: SweepStand }) {
  const { trials, budget } = sweep;
  const ended = trials.filter(({ state }) => state !== 'running').length;
  const failed = trials.filter(({ state }) => state === 'failed').length;
  const more = moreOf[budget.unit];
  const extended = { ...sweep, budget: { ...budget, amount: budget.amount + more } };
  const spent = budget.unit === 'runs' ? plural(budget.amount, 'trial') : plural(budget.amount, 'minute');
  return (
    <Card title="How far it is">
      <p className={styles['figure']} role="status">
        {stand === 'running' && sweep.state === 'held' ? 'In progress, held after this trial' : standText[stand]}
      </p>
      <ProgressBar label="How much of the budget is spent" fraction={fractionSpent(sweep)} />
      <p className={styles['muted']}>
        {plural(ended, 'trial')} ended{failed > 0 && `, ${failed} of them failed`} · {duration(secondsSpent(sweep))} of
        training · budget {spent}
      </p>
      {stand === 'ended' && <p className={styles['muted']}>{sweep.message}</p>}
      {stand === 'ended' && nextStep(extended).kind !== 'end' && (
        <Button size="s" className={styles['more']} onClick={() => void useSweeps.getState().extend(sweep.id, more)}>
          {budget.unit === 'runs' ? `${more} more trials` : `${more} more minutes`}
        </Button>
      )}
    </Card>
  );
}

function Actions({ sweep, stand }: { readonly sweep: Sweep; readonly stand: SweepStand }) {
  const [, navigate] = useLocation();
  const { goOn, hold, remove, rename } = useSweeps.getState();
  const toast = useToast();
  const [asking, setAsking] = useState<'rename' | 'delete' | null>(null);
  const close = (): void => setAsking(null);
  const again = (): void => {
    const { fields, method, budget, objective, stopWeak, seed, recipe, name } = sweep;
    useSweepDraft.getState().change({ fields, method, budget, objective, stopWeak, seed });
    toast({ text: [`The recipe is that of ${name} again.`, ...takeRecipe(recipe)].join(' ') });
    navigate('/runs/sweeps/new');
  };
  const elsewhere = useRunStore(
    ({ runs, active }) => runs?.find(({ id, state }) => state === 'running' && id !== active?.runId)?.name ?? null,
  );
  return (
    <>
      {stand === 'running' && (
        <>
          <PauseButton />
          <Button onClick={() => navigate('/train')}>See the trial</Button>
          {sweep.state === 'held' ? (
            <Button onClick={() => void goOn(sweep.id)}>Go on after this trial</Button>
          ) : (
            <Button onClick={() => void hold(sweep.id)}>Hold after this trial</Button>
          )}
        </>
      )}
      {(stand === 'interrupted' || stand === 'held') && (
        <Button
          variant="primary"
          disabledReason={elsewhere === null ? null : `The run ${elsewhere} is training in another tab.`}
          onClick={() => void goOn(sweep.id)}
        >
          Go on
        </Button>
      )}
      <IconButton label="Another sweep like it" icon={<Repeat />} onClick={again} />
      {stand !== 'elsewhere' && (
        <IconButton label="Rename the sweep" icon={<Pencil />} onClick={() => setAsking('rename')} />
      )}
      {stand !== 'running' && stand !== 'elsewhere' && (
        <IconButton label="Delete the sweep" icon={<Trash2 />} onClick={() => setAsking('delete')} />
      )}
      <RenameDialog
        open={asking === 'rename'}
        onClose={close}
        what="the sweep"
        name={sweep.name}
        maxLength={longestName}
        onRename={(name) => void rename(sweep.id, name)}
      />
      <ConfirmDialog
        open={asking === 'delete'}
        onClose={close}
        title="Delete the sweep?"
        confirm="Delete sweep"
        danger
        onConfirm={() => {
          navigate('/runs');
          void remove(sweep.id);
        }}
      >
        Its table of trials is removed for good. The runs of its trials stay among all runs.
      </ConfirmDialog>
    </>
  );
}

/** Pauses and resumes the trial in progress. */
function PauseButton() {
  const paused = useRunStore(({ live }) => live?.paused ?? false);
  const training = useRunStore(({ active }) => active !== null);
  const asked = useRunStore((state) => state.asked);
  const { pause, resume } = useRunStore.getState();
  return (
    <Button
      icon={paused ? <Play /> : <Pause />}
      disabledReason={!training ? 'No trial is in progress just now.' : asked !== null ? 'A moment, please.' : null}
      onClick={() => void (paused ? resume() : pause())}
    >
      {paused ? 'Resume' : 'Pause'}
    </Button>
  );
}
