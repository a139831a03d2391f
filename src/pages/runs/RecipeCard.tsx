import { useId, useMemo, useState } from 'react';
import { Card } from '../../components/Card';
import { Disclosure } from '../../components/Disclosure';
import { Select } from '../../components/Select';
import { recipeKeys } from '../../recipe/fields';
import { infoOf, isRelevant, showValue } from '../../recipe/describe';
import { differences } from '../../recipe/differences';
import { applyPreset, nearestPreset } from '../../recipe/presets';
import type { Recipe } from '../../recipe/schema';
import { beyondRecipe, repeatableRecipe } from '../../runs/repeat';
import type { Run } from '../../runs/types';
import styles from './RecipeCard.module.css';

/** The recipe that makes a run again: in what it differs from its preset or from another run, all of it, and what is not in it. */
export function RecipeCard({ run, others }: RecipeCardProps) {
  const labelId = useId();
  const [compared, setCompared] = useState('preset');
  const recipe = useMemo(() => repeatableRecipe(run), [run]);
  const { preset } = nearestPreset(recipe);
  const beyond = beyondRecipe(run);
  const options = useMemo(
    () => [
      { value: 'preset', label: `the preset “${preset.label}”` },
      ...others.map(({ id, name }) => ({ value: id, label: name })),
    ],
    [preset, others],
  );
  const other = otherRecipe(compared, recipe, others);
  const changes = useMemo(() => differences(other, recipe), [other, recipe]);
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
              .filter((key) => isRelevant(key, recipe))
              .map((key) => (
                <tr key={key}>
                  <th scope="row">{infoOf(key).label}</th>
                  <td>
                    <b>{showValue(key, recipe)}</b>
                  </td>
                </tr>
              ))}
          </tbody>
        </table>
      </Disclosure>
      {beyond.map((sentence) => (
        <p key={sentence} className={styles['same']}>
          {sentence}
        </p>
      ))}
    </Card>
  );
}

interface RecipeCardProps {
  readonly run: Run;
  readonly others: readonly Run[];
}

function otherRecipe(compared: string, recipe: Recipe, others: readonly Run[]): Recipe {
  const chosen = others.find(({ id }) => id === compared);
  return chosen === undefined ? applyPreset(nearestPreset(recipe).preset.id, recipe) : repeatableRecipe(chosen);
}
