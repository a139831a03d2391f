import { Fragment, memo, useMemo } from 'react';
import { Link } from 'wouter';
import { Tooltip } from '../../components/Tooltip';
import { differences } from '../../recipe/differences';
import { applyPreset, nearestPreset } from '../../recipe/presets';
import type { Recipe } from '../../recipe/schema';
import { repeatableRecipe } from '../../runs/repeat';
import type { Run } from '../../runs/types';
import { useModelStore } from '../../stores/model';
import styles from './RecipeLine.module.css';

/** Differences named before the rest is only counted. */
const named = 4;

interface RecipeLineProps {
  readonly recipe: Recipe;
  readonly datasetName: string | null;
  /** What to compare with: an earlier run; without one, the nearest preset. */
  readonly other: Run | null;
}

/** A run in a sentence: what it trains, on what, and what differs from the run before. */
export const RecipeLine = memo(function RecipeLine({ recipe, datasetName, other }: RecipeLineProps) {
  const { preset } = nearestPreset(recipe);
  const model = useModelStore((state) => (state.model?.id === recipe.model ? state.model.name : recipe.model));
  const changes = useMemo(
    () => differences(other === null ? applyPreset(preset.id, recipe) : repeatableRecipe(other), recipe),
    [other, preset, recipe],
  );
  const shown = changes.slice(0, changes.length > named + 1 ? named : changes.length);
  const rest = changes.length - shown.length;
  return (
    <>
      {preset.label} · {model}
      {datasetName !== null && <> on {datasetName}</>} ·{' '}
      {changes.length === 0 ? 'the same recipe as ' : 'differs from '}
      {other === null ? 'that preset' : <Link href={`/runs/${other.id}`}>{other.name}</Link>}
      {shown.length > 0 && ' in '}
      {shown.map(({ key, label, from, to }, index) => (
        <Fragment key={key}>
          {index > 0 && (index === shown.length - 1 && rest === 0 ? ' and ' : ', ')}
          <Tooltip text={`${from} → ${to}`}>
            <b tabIndex={0} className={styles['change']}>
              {label.toLowerCase()}
            </b>
          </Tooltip>
        </Fragment>
      ))}
      {rest > 0 && ` and ${rest} more`}
    </>
  );
});
