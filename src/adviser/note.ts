import type { Fix } from '../recipe/checks';
import { showValue } from '../recipe/describe';
import { withFields } from '../recipe/fields';
import type { Evidence } from './evidence';

/** What the adviser may say. */
export type AdviceId =
  | 'rate-high'
  | 'rate-low'
  | 'overfitting'
  | 'underfitting'
  | 'collapse'
  | 'temperature'
  | 'imbalance'
  | 'leakage'
  | 'few-evaluations'
  | 'small-batch'
  | 'not-tested';

/** What one click does: changes the recipe of the next run, measures the test pictures, or leads to where the data is changed. */
export type AdviceAction =
  | { readonly kind: 'fix'; readonly fix: Fix }
  | { readonly kind: 'measure'; readonly label: string }
  | { readonly kind: 'data'; readonly label: string };

/** Something about a run that its owner would want to know. */
export interface Advice {
  readonly id: AdviceId;
  /** A sentence without its full stop. */
  readonly title: string;
  /** What it was seen by, and why it matters. */
  readonly reason: string;
  /** Null where there is nothing to change by a click. */
  readonly action: AdviceAction | null;
}

/** A learning rate as one would type it, within what recipes may hold: one significant digit. */
export function rateFix({ recipe }: Pick<Evidence, 'recipe'>, factor: number): AdviceAction {
  const learningRate = Math.min(1, Math.max(1e-8, Number((recipe.learningRate * factor).toPrecision(1))));
  const text = showValue('learningRate', withFields(recipe, { learningRate }));
  return { kind: 'fix', fix: { label: `Use a rate of ${text}`, change: { learningRate } } };
}
