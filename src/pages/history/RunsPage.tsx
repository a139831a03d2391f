import { History, Trash2 } from 'lucide-react';
import { lazy, Suspense, useId, useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { Button } from '../../components/Button';
import { ConfirmDialog } from '../../components/Dialog';
import { EmptyState } from '../../components/EmptyState';
import { plural } from '../../components/format';
import { Notice } from '../../components/Notice';
import { PageHeader } from '../../components/PageHeader';
import { ProgressBar } from '../../components/Progress';
import { Select } from '../../components/Select';
import { SearchField } from '../../components/TextField';
import { Toolbar } from '../../components/Toolbar';
import type { StoredRun } from '../../runs/types';
import { useRunStore } from '../../stores/run';
import { useRunTable, type GroupKey } from '../../stores/runTable';
import { useSweeps } from '../../stores/sweeps';
import { DamagedRuns } from '../runs/DamagedRuns';
import { ranksResults, tableRows } from './rows';
import { RunTable } from './RunTable';
import layout from '../layout.module.css';
import styles from './RunsPage.module.css';

const SweepsCard = lazy(() => import('../sweeps/SweepsCard'));

const groups: readonly { readonly value: GroupKey; readonly label: string }[] = [
  { value: 'none', label: 'Nothing' },
  { value: 'data', label: 'Data' },
  { value: 'task', label: 'Task' },
  { value: 'model', label: 'Model' },
  { value: 'tag', label: 'Tag' },
  { value: 'state', label: 'State' },
  { value: 'sweep', label: 'Sweep' },
];

/** All runs: searched, sorted, grouped, and chosen to be compared. */
export function RunsPage() {
  const [, navigate] = useLocation();
  const runs = useRunStore((state) => state.runs);
  if (runs === null) return <ProgressBar label="Reading the runs" fraction={null} />;
  if (runs.length > 0) return <Runs runs={runs} />;
  return (
    <>
      <PageHeader title="Runs" />
      <DamagedRuns />
      <EmptyState
        icon={<History />}
        title="Nothing has been trained yet"
        actions={
          <Button variant="primary" onClick={() => navigate('/train')}>
            Go to Train
          </Button>
        }
      >
        Every run is kept here with its recipe, curves and results.
      </EmptyState>
    </>
  );
}

function Runs({ runs }: { readonly runs: readonly StoredRun[] }) {
  const [, navigate] = useLocation();
  const groupId = useId();
  const { view, chosen, change, choose } = useRunTable();
  const problem = useRunStore((state) => state.problem);
  const sweeps = useSweeps((state) => state.sweeps);
  const rows = useMemo(() => {
    const names = new Map(sweeps?.map(({ id, name }) => [id, name]));
    return tableRows(runs, view, names);
  }, [runs, view, sweeps]);
  // Some may have been deleted meanwhile.
  const compared = useMemo(() => chosen.filter((id) => runs.some((run) => run.id === id)), [chosen, runs]);
  const found = new Set(rows.flatMap((row) => (row.kind === 'run' ? [row.run.id] : []))).size;
  return (
    <>
      <PageHeader
        title="Runs"
        summary={
          view.search.trim() === ''
            ? `${plural(runs.length, 'run')}, kept in this browser.`
            : `${plural(found, 'run')} of ${runs.length}.`
        }
        actions={
          <>
            {compared.length > 0 && <Button onClick={() => choose([])}>Choose none</Button>}
            {compared.length > 0 && <DeleteButton chosen={compared} runs={runs} />}
            <Button
              variant="primary"
              disabledReason={compared.length < 2 ? 'Choose two runs or more in the table.' : null}
              onClick={() => navigate(`/runs/compare/${compared.join('+')}`)}
            >
              {compared.length < 2 ? 'Compare' : `Compare ${compared.length}`}
            </Button>
          </>
        }
      />
      <Toolbar>
        <div className={styles['search']}>
          <SearchField
            aria-label="Search runs"
            placeholder="Names, tags, notes, recipes"
            value={view.search}
            onChange={(search) => change({ search })}
          />
        </div>
        <div className={styles['group']}>
          <span id={groupId}>Group by</span>
          <Select
            aria-labelledby={groupId}
            value={view.group}
            options={groups}
            onChange={(group) => change({ group })}
          />
        </div>
      </Toolbar>
      <div className={layout['stack']}>
        {problem !== null && <Notice tone="error">{problem}</Notice>}
        <DamagedRuns />
        <Suspense fallback={null}>
          <SweepsCard />
        </Suspense>
        {ranksResults(view) && (
          <p className={styles['hint']}>
            Results are ranked only among runs on the same pictures, captions and splits that teach the same: others say
            nothing about each other.
          </p>
        )}
        {rows.length === 0 ? (
          <p className={styles['hint']}>No run has all of these words.</p>
        ) : (
          <RunTable rows={rows} runs={runs} />
        )}
      </div>
    </>
  );
}

/** Deletes the chosen runs, after asking. */
function DeleteButton({ chosen, runs }: { readonly chosen: readonly string[]; readonly runs: readonly StoredRun[] }) {
  const [asking, setAsking] = useState(false);
  const busy = runs.find(({ id, state }) => state === 'running' && chosen.includes(id));
  const remove = async (): Promise<void> => {
    for (const id of chosen) await useRunStore.getState().remove(id);
  };
  return (
    <>
      <Button
        icon={<Trash2 />}
        disabledReason={busy === undefined ? null : `The run ${busy.name} is in progress.`}
        onClick={() => setAsking(true)}
      >
        Delete {chosen.length}
      </Button>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={`Delete ${plural(chosen.length, 'run')}?`}
        confirm={chosen.length === 1 ? 'Delete run' : 'Delete runs'}
        danger
        onConfirm={() => void remove()}
      >
        Their recipes, curves and weights are removed for good. Pictures and other runs stay.
      </ConfirmDialog>
    </>
  );
}
