import { createRandom, mixSeed } from '../../training/random';
import { grow, type Samples, type Tree } from './tree';

/**
 * Functional ANOVA (Hutter, Hoos & Leyton-Brown 2014, “An Efficient Approach for Assessing Hyperparameter Importance”): a forest learns what trials
 * score by their fields, and of each tree, which is constant in boxes, it is computed exactly how much of its variance over the whole space comes
 * from one field alone, all others averaged out. As Optuna's `FanovaImportanceEvaluator` has it, with 64 trees.
 */
const trees = 64;

interface Box {
  readonly value: number;
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/**
 * The share of the variance that each field makes by itself, 0…1; what is left to 1 they make together. Null where all trials scored the same, or
 * there are fewer than two.
 *
 * @param samples with places in 0…1
 */
export function mainEffects(samples: Samples, seed = 0): readonly number[] | null {
  const { length } = samples.scores;
  if (length < 2) return null;
  const shares: (readonly number[])[] = [];
  for (let index = 0; index < trees; index++) {
    const random = createRandom(mixSeed(seed, index));
    const drawn = Array.from({ length }, () => Math.floor(random() * length));
    const { total, marginal } = variances(grow(samples, drawn), samples.places[0]?.length ?? 0);
    if (total > 0) shares.push(marginal.map((variance) => variance / total));
  }
  const [first] = shares;
  if (first === undefined) return null;
  return first.map((_, field) => shares.reduce((sum, each) => sum + (each[field] ?? 0), 0) / shares.length);
}

/** The variance of a tree over the unit cube, and what of it each feature makes by itself. */
export function variances(
  tree: Tree,
  features: number,
): { readonly total: number; readonly marginal: readonly number[] } {
  const boxes = boxesOf(tree, Array<number>(features).fill(0), Array<number>(features).fill(1));
  const total = weightedVariance(boxes.map((box) => ({ value: box.value, weight: volume(box, null) })));
  return { total, marginal: Array.from({ length: features }, (_, feature) => marginalVariance(boxes, feature)) };
}

function boxesOf(tree: Tree, low: readonly number[], high: readonly number[]): readonly Box[] {
  if ('value' in tree) return [{ value: tree.value, low, high }];
  const { feature, threshold } = tree;
  return [
    ...boxesOf(tree.low, low, high.with(feature, threshold)),
    ...boxesOf(tree.high, low.with(feature, threshold), high),
  ];
}

/** Size of a box; without one of its sides where a feature is named. */
function volume({ low, high }: Box, without: number | null): number {
  return low.reduce((size, from, feature) => (feature === without ? size : size * ((high[feature] ?? 1) - from)), 1);
}

function marginalVariance(boxes: readonly Box[], feature: number): number {
  const bounds = [...new Set(boxes.flatMap(({ low, high }) => [low[feature] ?? 0, high[feature] ?? 1]))].sort(
    (a, b) => a - b,
  );
  return weightedVariance(
    bounds.slice(1).map((to, index) => {
      const from = bounds[index] ?? 0;
      const middle = (from + to) / 2;
      const here = boxes.filter((box) => (box.low[feature] ?? 0) < middle && middle < (box.high[feature] ?? 1));
      const sizes = here.map((box) => volume(box, feature));
      const whole = sizes.reduce((sum, size) => sum + size, 0);
      const value = here.reduce((sum, box, at) => sum + box.value * (sizes[at] ?? 0), 0) / whole;
      return { value, weight: to - from };
    }),
  );
}

function weightedVariance(parts: readonly { readonly value: number; readonly weight: number }[]): number {
  const whole = parts.reduce((sum, { weight }) => sum + weight, 0);
  const mean = parts.reduce((sum, { value, weight }) => sum + value * weight, 0) / whole;
  return parts.reduce((sum, { value, weight }) => sum + (value - mean) ** 2 * weight, 0) / whole;
}
