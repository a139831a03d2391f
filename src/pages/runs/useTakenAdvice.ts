import { useRef, useState } from 'react';
import type { AdviceAction } from '../../adviser/note';
import { plural } from '../../components/format';
import type { Split } from '../../dataset/types';
import type { Fix } from '../../recipe/checks';
import { infoOf, showValue } from '../../recipe/describe';
import { withFields, type RecipeKey } from '../../recipe/fields';
import { restoreRecipe } from '../../recipe/migrate';
import { presetById } from '../../recipe/presets';
import type { Recipe } from '../../recipe/schema';
import type { Run } from '../../runs/types';
import { useDataStore } from '../../stores/data';
import { useRecipeStore } from '../../stores/recipe';
import { takeFix } from '../../stores/setup';
import { takeRecipe } from '../../stores/takeRecipe';

/** What one click changes, of recipe and data. */
export type Change = Extract<AdviceAction, { kind: 'fix' | 'train-on' | 'split-groups' }>;

interface Taken {
  /** What has changed, in a sentence. */
  readonly text: string;
  readonly undo: () => void;
}

/**
 * The changes of a run's notes, by their labels: each is made with one click and undone with another. The next run takes the recipe of the run with all that
 * were taken; where none is left, the recipe is as it was before.
 */
export function useTakenAdvice(run: Run) {
  const [taken, setTaken] = useState<ReadonlyMap<string, Taken>>(new Map());
  const fixes = useRef<{ before: Recipe; taken: readonly Fix[] } | null>(null);

  const setFixes = (wanted: readonly Fix[]): void => {
    const before = fixes.current?.before ?? useRecipeStore.getState().recipe;
    fixes.current = wanted.length === 0 ? null : { before, taken: wanted };
    if (wanted.length === 0) useRecipeStore.getState().replace(before);
    else takeRecipe(run.recipe);
    wanted.forEach(takeFix);
  };
  const note = (label: string, text: string, undo: () => void): void =>
    setTaken((known) =>
      new Map(known).set(label, {
        text,
        undo: () => {
          undo();
          setTaken((now) => new Map([...now].filter(([each]) => each !== label)));
        },
      }),
    );

  const take = (action: Change): void => {
    if (action.kind === 'fix') {
      const { fix } = action;
      setFixes([...(fixes.current?.taken ?? []), fix]);
      note(fix.label, recipeText(run, fix), () =>
        setFixes((fixes.current?.taken ?? []).filter((each) => each !== fix)),
      );
      return;
    }
    const { dataset, images, resplit, setSplit } = useDataStore.getState();
    if (dataset === null) return;
    const before = new Map(images.map(({ id, split }): [string, Split] => [id, split]));
    const back = (): void => void resplit(dataset.split, before);
    if (action.kind === 'split-groups') {
      void resplit({ ...dataset.split, byGroup: true });
      note(action.label, 'All pictures are split again, each group as a whole, from the next run on.', back);
      return;
    }
    void (async () => {
      for (const id of action.images) await setSplit(id, 'train');
    })();
    note(action.label, `${plural(action.images.length, 'picture')} will be trained on from the next run on.`, back);
  };
  return { taken, take };
}

/** What a fix changes of a run's recipe, in words. */
function recipeText(run: Run, fix: Fix): string {
  if ('preset' in fix) return `The next run takes the preset “${presetById(fix.preset).label}”.`;
  const { recipe } = restoreRecipe(run.recipe);
  const changed = withFields(recipe, fix.change);
  const parts = (Object.keys(fix.change) as RecipeKey[]).map(
    (key) => `${infoOf(key, changed).label}: ${showValue(key, changed)} instead of ${showValue(key, recipe)}`,
  );
  return `The next run takes the recipe of ${run.name} with this change. ${parts.join('; ')}.`;
}
