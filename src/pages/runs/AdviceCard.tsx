import { useMemo } from 'react';
import { useLocation } from 'wouter';
import { advise } from '../../adviser/advice';
import type { AdviceAction } from '../../adviser/note';
import { Button } from '../../components/Button';
import { Card } from '../../components/Card';
import { forgets } from '../../recipe/checks';
import type { Run } from '../../runs/types';
import { useDataStore } from '../../stores/data';
import type { MetricColumns } from '../../stores/metricColumns';
import { useModelStore } from '../../stores/model';
import { useCopies } from '../useCopies';
import { dataEvidence, evidenceOf } from './evidence';
import type { TestState } from './ResultCard';
import { useTakenAdvice } from './useTakenAdvice';
import styles from './AdviceCard.module.css';

interface AdviceCardProps {
  readonly run: Run;
  readonly metrics: MetricColumns;
  readonly test: TestState | null;
}

/** What the adviser has to say of a run, each note with its reason and what one click changes. */
export function AdviceCard({ run, metrics, test }: AdviceCardProps) {
  const dataset = useDataStore((state) => state.dataset);
  const images = useDataStore((state) => state.images);
  const copies = useCopies();
  const forgetful = useModelStore(({ model }) => model?.id === run.recipe.model && forgets(run.recipe, model));
  const notes = useMemo(
    () => advise(evidenceOf(run, metrics, forgetful, dataEvidence(run, dataset, images, copies))),
    [run, metrics, forgetful, dataset, images, copies],
  );
  const { taken, take } = useTakenAdvice(run);
  if (notes.length === 0) return null;
  return (
    <Card title="Advice" hint="Read off the data and the curves of this run.">
      <ul className={styles['notes']}>
        {notes.map(({ title, reason, action }) => (
          <li key={title}>
            <h3>{title}.</h3>
            <p>{reason}</p>
            {action !== null && <Act action={action} test={test} taken={taken} take={take} />}
          </li>
        ))}
      </ul>
    </Card>
  );
}

interface ActProps extends ReturnType<typeof useTakenAdvice> {
  readonly action: AdviceAction;
  readonly test: TestState | null;
}

function Act({ action, test, taken, take }: ActProps) {
  const [, navigate] = useLocation();
  switch (action.kind) {
    case 'measure':
      return test === null ? null : (
        <Button size="s" disabledReason={test.reason} onClick={test.measure}>
          {action.label}
        </Button>
      );
    case 'go':
      return (
        <Button size="s" onClick={() => navigate(action.to)}>
          {action.label}
        </Button>
      );
    default: {
      const label = action.kind === 'fix' ? action.fix.label : action.label;
      const done = taken.get(label);
      if (done === undefined) {
        return (
          <Button size="s" onClick={() => take(action)}>
            {label}
          </Button>
        );
      }
      const shownOn = action.kind === 'fix' ? '/recipe' : '/data';
      return (
        <div role="status" className={styles['taken']}>
          <span>{done.text}</span>
          <Button size="s" onClick={done.undo}>
            Undo
          </Button>
          <Button size="s" onClick={() => navigate(shownOn)}>
            {action.kind === 'fix' ? 'Open the recipe' : 'Open the data'}
          </Button>
        </div>
      );
    }
  }
}
