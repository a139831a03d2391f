import { withFields, type RecipeChange } from './fields';
import type { Recipe } from './schema';

/** A change that makes a run need less memory. */
export interface Remedy {
  /** For the end of a sentence: `use micro-batches of 32`. */
  readonly advice: string;
  readonly change: RecipeChange;
}

/** What a run would take place on, as far as remedies depend on it. */
export interface RemedyOptions {
  /** Pairs of a step. */
  readonly batch: number;
  /** Whether the machine can train in mixed precision. */
  readonly mixedPrecision: boolean;
  /** Whether a run by such a recipe fits. */
  readonly fits: (recipe: Recipe) => boolean;
}

/**
 * What makes a run fit, in the order of what it costs: micro-batches and checkpointing leave the result as it is, mixed precision nearly so, a
 * smaller batch makes an easier lesson, and with the projections alone the layers learn nothing. Each is the mildest of its kind that is enough.
 */
export function remediesFor(recipe: Recipe, { batch, mixedPrecision, fits }: RemedyOptions): readonly Remedy[] {
  const enough = (candidates: readonly Remedy[]): readonly Remedy[] => {
    const mildest = candidates.find(({ change }) => fits(withFields(recipe, change)));
    return mildest === undefined ? [] : [mildest];
  };
  const now = recipe.microBatchSize === 0 ? batch : Math.min(batch, recipe.microBatchSize);
  const sizes = powersBelow(now, 1);
  const parts = sizes.map((size): Remedy => ({
    advice: `use micro-batches of ${size}`,
    change: { microBatchSize: size },
  }));
  const checkpointing = recipe.gradientCheckpointing
    ? []
    : [{ advice: 'switch gradient checkpointing on', change: { gradientCheckpointing: true } }];
  const mixed =
    recipe.mixedPrecision || !mixedPrecision
      ? []
      : [{ advice: 'use mixed precision', change: { mixedPrecision: true } }];
  const spared = [...enough(parts), ...enough(checkpointing), ...enough(mixed)];
  const both = recipe.gradientCheckpointing
    ? []
    : sizes.map((size): Remedy => ({
        advice: `use micro-batches of ${size} and gradient checkpointing`,
        change: { microBatchSize: size, gradientCheckpointing: true },
      }));
  const smaller = powersBelow(batch, 2).map((size): Remedy => ({
    advice: `set the batch size to ${size}`,
    change: { batchSize: size },
  }));
  const projections: readonly Remedy[] =
    recipe.method.freeze === 'projections'
      ? []
      : [{ advice: 'train the matching layers only', change: { freeze: 'projections' } }];
  return [...spared, ...(spared.length === 0 ? enough(both) : []), ...enough(smaller), ...enough(projections)];
}

/** Powers of two below a number, the largest first. */
function powersBelow(number: number, least: number): readonly number[] {
  const powers: number[] = [];
  for (let power = 2 ** Math.ceil(Math.log2(number) - 1); power >= least; power /= 2) powers.push(power);
  return powers.filter((power) => power < number);
}

/** Remedies as one sentence; with none, the model itself is too large. */
export function remedySentence(remedies: readonly Remedy[]): string {
  const advice = remedies.map((remedy) => remedy.advice);
  const last = advice.pop();
  if (last === undefined) return 'Choose a smaller model.';
  const text = advice.length === 0 ? last : `${advice.join(', ')}, or ${last}`;
  return `To make it fit, ${text}.`;
}
