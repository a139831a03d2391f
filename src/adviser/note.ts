import type { Fix } from '../recipe/checks';
import { showValue } from '../recipe/describe';
import { fieldOf, withFields, type RecipeChange, type RecipeKey } from '../recipe/fields';
import type { Recipe } from '../recipe/schema';
import type { Evidence } from './evidence';

/** What the adviser may say. */
export type AdviceId =
  | 'rate-high'
  | 'rate-low'
  | 'overfitting'
  | 'flat'
  | 'underfitting'
  | 'collapse'
  | 'temperature'
  | 'below-base'
  | 'near-chance'
  | 'forgets'
  | 'spikes'
  | 'clamped'
  | 'imbalance'
  | 'leakage'
  | 'few-evaluations'
  | 'small-batch'
  | 'not-tested';

/** What one click does: changes the recipe of the next run, measures the test pictures, leads to a page, splits the data so that groups stay whole, or gives pictures to training. */
export type AdviceAction =
  | { readonly kind: 'fix'; readonly fix: Fix }
  | { readonly kind: 'measure'; readonly label: string }
  | { readonly kind: 'go'; readonly label: string; readonly to: '/data' | '/model' }
  | { readonly kind: 'split-groups'; readonly label: string }
  | { readonly kind: 'train-on'; readonly label: string; readonly images: readonly string[] };

/** Something about a run that its owner would want to know. */
export interface Advice {
  readonly id: AdviceId;
  /** A sentence without its full stop. */
  readonly title: string;
  /** What it was seen by, and why it matters. */
  readonly reason: string;
  /** Null where there is nothing to change by a click. */
  readonly action: AdviceAction | null;
  /** A run that still goes on had better be stopped. */
  readonly stop?: boolean;
  /** Good to know, and no fault of the run. */
  readonly mild?: boolean;
}

/** A change of the next recipe; null where the recipe says so already. */
export function fixOf(
  recipe: Recipe,
  fix: { readonly label: string; readonly change: RecipeChange },
): AdviceAction | null {
  const changed = withFields(recipe, fix.change);
  const keys = Object.keys(fix.change) as RecipeKey[];
  return keys.every((key) => fieldOf(changed, key) === fieldOf(recipe, key)) ? null : { kind: 'fix', fix };
}

/** A learning rate as one would type it, within what recipes may hold: one significant digit. Null where it is at its bound. */
export function rateFix({ recipe }: Pick<Evidence, 'recipe'>, factor: number): AdviceAction | null {
  const learningRate = Math.min(1, Math.max(1e-8, Number((recipe.learningRate * factor).toPrecision(1))));
  const text = showValue('learningRate', withFields(recipe, { learningRate }));
  return fixOf(recipe, { label: `Use a rate of ${text}`, change: { learningRate } });
}
