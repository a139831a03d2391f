import { GitCompareArrows, X } from 'lucide-react';
import { useMemo } from 'react';
import { Link, useLocation, useParams } from 'wouter';
import { Button, IconButton } from '../../../components/Button';
import { EmptyState } from '../../../components/EmptyState';
import { plural } from '../../../components/format';
import { Notice } from '../../../components/Notice';
import { PageHeader } from '../../../components/PageHeader';
import { ProgressBar } from '../../../components/Progress';
import { coloursOf } from '../../../runs/colours';
import type { StoredRun } from '../../../runs/types';
import { useRunStore } from '../../../stores/run';
import { useRunTable } from '../../../stores/runTable';
import { comparable } from './comparable';
import { comparedRuns, type ComparedRun } from './overlay';
import { OverlayCharts } from './OverlayCharts';
import { RecipeTable } from './RecipeTable';
import { Scores } from './Scores';
import { Swatch } from './Swatch';
import styles from './ComparePage.module.css';

/** Some runs beside each other: curves, recipes, scores on the same pictures, and what each says of them. */
export default function ComparePage() {
  const { ids = '' } = useParams();
  const [, navigate] = useLocation();
  const stored = useRunStore((state) => state.runs);
  const asked = useMemo(() => [...new Set(decodeURIComponent(ids).split(/[+ ]/u))], [ids]);
  const runs = useMemo(() => asked.flatMap((id) => stored?.find((run) => run.id === id) ?? []), [asked, stored]);
  if (stored === null) return <ProgressBar label="Reading the runs" fraction={null} />;
  if (runs.length > 0) return <Comparison runs={runs} all={stored} missing={asked.length - runs.length} />;
  return (
    <EmptyState
      icon={<GitCompareArrows />}
      title="None of these runs is stored here"
      actions={
        <Button variant="primary" onClick={() => navigate('/runs')}>
          All runs
        </Button>
      }
    >
      They were deleted, or belong to another browser or profile.
    </EmptyState>
  );
}

interface ComparisonProps {
  readonly runs: readonly StoredRun[];
  /** Newest first. */
  readonly all: readonly StoredRun[];
  /** How many of those that were asked for are not stored. */
  readonly missing: number;
}

function Comparison({ runs, all, missing }: ComparisonProps) {
  const [, navigate] = useLocation();
  const compared = useMemo(() => comparedRuns(runs, coloursOf(all)), [runs, all]);
  const { ranked, apart } = useMemo(() => comparable(runs), [runs]);
  const rankedRuns = useMemo(() => compared.filter(({ run }) => ranked.includes(run)), [compared, ranked]);
  return (
    <>
      <PageHeader
        title="Comparison"
        summary={
          <>
            {plural(runs.length, 'run')}. Scores are told against the first, <b>{runs[0]?.name}</b>.
          </>
        }
        actions={
          <Button
            onClick={() => {
              useRunTable.getState().choose(runs.map(({ id }) => id));
              navigate('/runs');
            }}
          >
            Choose others
          </Button>
        }
      />
      <Names compared={compared} />
      <div className={styles['stack']}>
        {missing > 0 && <Notice>{plural(missing, 'run')} of this comparison are not stored here any more.</Notice>}
        {apart.length > 0 && (
          <Notice title="Not all of these runs are ranked together">
            {apart.map(({ run, reason }) => `${run.name}: ${reason}.`).join(' ')} Their curves and recipes are shown;
            scores on other pictures say nothing about each other.
          </Notice>
        )}
        <OverlayCharts compared={compared} />
        <RecipeTable compared={compared} />
        <Scores key={ranked.map(({ id }) => id).join(' ')} compared={rankedRuns} />
      </div>
    </>
  );
}

/** Which colour is whose; the first is what others are told against. */
function Names({ compared }: { readonly compared: readonly ComparedRun[] }) {
  const [, navigate] = useLocation();
  const ids = compared.map(({ run }) => run.id);
  const go = (next: readonly string[]): void => navigate(`/runs/compare/${next.join('+')}`, { replace: true });
  return (
    <ul className={styles['names']} aria-label="Runs compared">
      {compared.map((each, place) => (
        <li key={each.run.id}>
          <Swatch line={each} />
          <Link href={`/runs/${each.run.id}`}>{each.run.name}</Link>
          {place > 0 && (
            <Button
              size="s"
              variant="quiet"
              onClick={() => go([each.run.id, ...ids.filter((id) => id !== each.run.id)])}
            >
              Make first
            </Button>
          )}
          {compared.length > 1 && (
            <IconButton
              size="s"
              label={`Leave out ${each.run.name}`}
              icon={<X />}
              onClick={() => go(ids.filter((id) => id !== each.run.id))}
            />
          )}
        </li>
      ))}
    </ul>
  );
}
