import { useId, useMemo, useState } from 'react';
import { Card } from '../../components/Card';
import { Disclosure } from '../../components/Disclosure';
import { Select } from '../../components/Select';
import { recipeKeys } from '../../recipe/fields';
import { infoOf, isRelevant, showValue } from '../../recipe/describe';
import { differences } from '../../recipe/differences';
import { applyPreset, nearestPreset } from '../../recipe/presets';
import type { Recipe } from '../../recipe/schema';
import type { Run } from '../../runs/types';
import styles from './RecipeCard.module.css';

/** The recipe that a run was made with: in what it differs from its preset or from another run, and all of it. */
export function RecipeCard({ run, others }: RecipeCardProps) {
  const labelId = useId();
  const [compared, setCompared] = useState('preset');
  const { preset } = nearestPreset(run.recipe);
  const options = useMemo(
    () => [
      { value: 'preset', label: `the preset “${preset.label}”` },
      ...others.map(({ id, name }) => ({ value: id, label: name })),
    ],
    [preset, others],
  );
  const other = otherRecipe(compared, run, others);
  const changes = useMemo(() => differences(other, run.recipe), [other, run.recipe]);
  const otherName = options.find(({ value }) => value === compared)?.label ?? '';
  return (
    <Card title="Recipe of this run">
      <div className={styles['compare']}>
        <span id={labelId}>Differs from</span>
        <Select aria-labelledby={labelId} value={compared} onChange={setCompared} options={options} />
      </div>
      {changes.length === 0 ? (
        <p className={styles['same']}>In nothing: it is the same recipe.</p>
      ) : (
        <table className={styles['table']}>
          <thead className={styles['spoken']}>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">
                From {otherName} to {run.name}
              </th>
            </tr>
          </thead>
          <tbody>
            {changes.map(({ key, label, from, to }) => (
              <tr key={key}>
                <th scope="row">{label}</th>
                <td>
                  <span className={styles['from']}>{from} →</span> <b>{to}</b>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Disclosure label="All values">
        <table className={styles['table']}>
          <tbody>
            {recipeKeys
              .filter((key) => isRelevant(key, run.recipe))
              .map((key) => (
                <tr key={key}>
                  <th scope="row">{infoOf(key).label}</th>
                  <td>
                    <b>{showValue(key, run.recipe)}</b>
                  </td>
                </tr>
              ))}
          </tbody>
        </table>
      </Disclosure>
    </Card>
  );
}

interface RecipeCardProps {
  readonly run: Run;
  readonly others: readonly Run[];
}

function otherRecipe(compared: string, run: Run, others: readonly Run[]): Recipe {
  const chosen = others.find(({ id }) => id === compared);
  return chosen?.recipe ?? applyPreset(nearestPreset(run.recipe).preset.id, run.recipe);
}
