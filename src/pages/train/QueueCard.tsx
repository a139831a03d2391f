import { ArrowDown, ArrowUp, ListPlus, X } from 'lucide-react';
import { memo } from 'react';
import { Link } from 'wouter';
import { Button, IconButton } from '../../components/Button';
import { Card } from '../../components/Card';
import { plural } from '../../components/format';
import { changesSummary } from '../../recipe/changes';
import { blockingReason } from '../../recipe/checks';
import { nearestPreset } from '../../recipe/presets';
import type { Recipe } from '../../recipe/schema';
import { useDataStore } from '../../stores/data';
import { useRecipeStore } from '../../stores/recipe';
import { useRunStore } from '../../stores/run';
import { useRunQueue } from '../../stores/runQueue';
import { useSweeps } from '../../stores/sweeps';
import { useReadiness } from '../useReadiness';
import styles from './QueueCard.module.css';

/** Runs that begin one after the other, and the way to add the recipe of now to them. */
export const QueueCard = memo(function QueueCard() {
  const { items, add, remove, move, startNext } = useRunQueue();
  const recipe = useRecipeStore((state) => state.recipe);
  const dataset = useDataStore((state) => state.dataset);
  const idle = useRunStore(({ active }) => active === null);
  const sweep = useSweeps(({ sweeps, driven }) => sweeps?.find(({ id }) => id === driven) ?? null);
  const findings = useReadiness();
  // A run in progress is what the queue is for.
  const reason = blockingReason(findings.filter(({ id }) => id !== 'busy'));
  return (
    <Card
      title="Next in line"
      actions={
        <Button
          size="s"
          icon={<ListPlus />}
          disabledReason={reason}
          onClick={() => {
            if (dataset !== null) add({ recipe, datasetId: dataset.id, datasetName: dataset.name });
          }}
        >
          Add the current recipe
        </Button>
      }
    >
      {items.length === 0 ? (
        <p className={styles['muted']}>
          Runs that you add here begin one after the other while the studio is open. They still wait here after a
          reload.
        </p>
      ) : (
        <ol className={styles['list']}>
          {items.map((item, index) => (
            <li key={item.id}>
              <span>
                {index + 1}. {inShort(item.recipe)} · {item.datasetName}
              </span>
              <span className={styles['actions']}>
                {items.length > 1 && (
                  <>
                    <IconButton
                      size="s"
                      label={`Move run ${index + 1} ahead`}
                      icon={<ArrowUp />}
                      disabledReason={index === 0 ? 'It is the first.' : null}
                      onClick={() => move(item.id, -1)}
                    />
                    <IconButton
                      size="s"
                      label={`Move run ${index + 1} back`}
                      icon={<ArrowDown />}
                      disabledReason={index === items.length - 1 ? 'It is the last.' : null}
                      onClick={() => move(item.id, 1)}
                    />
                  </>
                )}
                <IconButton
                  size="s"
                  label={`Take run ${index + 1} out of the line`}
                  icon={<X />}
                  onClick={() => remove(item.id)}
                />
              </span>
            </li>
          ))}
        </ol>
      )}
      {sweep !== null && (
        <p className={styles['muted']}>
          The sweep <Link href={`/runs/sweeps/${sweep.id}`}>{sweep.name}</Link> goes on whenever nothing else trains.
        </p>
      )}
      {idle && items.length > 0 && (
        <Button
          size="s"
          variant="primary"
          disabledReason={findings.find(({ id }) => id === 'busy')?.message ?? null}
          onClick={() => void startNext()}
        >
          Start the first
        </Button>
      )}
    </Card>
  );
});

function inShort(recipe: Recipe): string {
  const { preset } = nearestPreset(recipe);
  const length = recipe.durationUnit === 'steps' ? plural(recipe.steps, 'step') : plural(recipe.epochs, 'epoch');
  return `${preset.label} · ${length} · lr ${recipe.learningRate.toExponential()} · seed ${recipe.seed}${changesSummary(recipe.changes)}`;
}
