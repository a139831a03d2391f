import { useMemo } from 'react';
import { useLocation } from 'wouter';
import { advise } from '../../adviser/advice';
import type { AdviceAction } from '../../adviser/note';
import { Button } from '../../components/Button';
import { Card } from '../../components/Card';
import { plural } from '../../components/format';
import { useToast } from '../../components/toastContext';
import { forgets } from '../../recipe/checks';
import type { Run } from '../../runs/types';
import { useDataStore } from '../../stores/data';
import type { MetricColumns } from '../../stores/metricColumns';
import { useModelStore } from '../../stores/model';
import { takeFix } from '../../stores/setup';
import { takeRecipe } from '../../stores/takeRecipe';
import { useCopies } from '../useCopies';
import { dataEvidence, evidenceOf } from './evidence';
import type { TestState } from './ResultCard';
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
  if (notes.length === 0) return null;
  return (
    <Card title="Advice" hint="Read off the data and the curves of this run.">
      <ul className={styles['notes']}>
        {notes.map(({ title, reason, action }) => (
          <li key={title}>
            <h3>{title}.</h3>
            <p>{reason}</p>
            {action !== null && <Act action={action} run={run} test={test} />}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Act({
  action,
  run,
  test,
}: {
  readonly action: AdviceAction;
  readonly run: Run;
  readonly test: TestState | null;
}) {
  const [, navigate] = useLocation();
  const toast = useToast();
  switch (action.kind) {
    case 'fix':
      return (
        <Button
          size="s"
          onClick={() => {
            takeRecipe(run.recipe);
            takeFix(action.fix);
            toast({ text: `The next run takes the recipe of ${run.name} with this change.` });
            navigate('/recipe');
          }}
        >
          {action.fix.label}
        </Button>
      );
    case 'measure':
      return test === null ? null : (
        <Button size="s" disabledReason={test.reason} onClick={test.measure}>
          {action.label}
        </Button>
      );
    case 'train-on':
      return (
        <Button
          size="s"
          onClick={() => {
            void giveToTraining(action.images);
            toast({ text: `${plural(action.images.length, 'picture')} will be trained on from the next run on.` });
          }}
        >
          {action.label}
        </Button>
      );
    case 'data':
      return (
        <Button size="s" onClick={() => navigate('/data')}>
          {action.label}
        </Button>
      );
  }
}

async function giveToTraining(images: readonly string[]): Promise<void> {
  for (const id of images) await useDataStore.getState().setSplit(id, 'train');
}
