import { z } from 'zod';
import { recipeKeys, type RecipeKey } from '../recipe/fields';
import type { Recipe } from '../recipe/schema';
import { isFields } from '../recipe/versions';

/**
 * Sweeps: a recipe trained several times, each time with other values of some of its fields. Each trial is a run like any other. What lies here is
 * stored and read back, so that a sweep outlives the page; what it follows from (`next`, `asha`, `suggest`) is pure.
 */

/** A value that a swept field takes. */
export const valueSchema = z.union([z.number(), z.string(), z.boolean()]);
export type Value = z.infer<typeof valueSchema>;

/** Most values of a list. */
const mostValues = 50;

/** What a field may be. Numbers lie between two bounds, both included, on a linear or logarithmic scale; anything else is one of a list. */
export const rangeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('choice'), values: z.array(valueSchema).min(1).max(mostValues) }),
  z.strictObject({
    kind: z.literal('between'),
    min: z.number(),
    max: z.number(),
    scale: z.enum(['linear', 'log']),
    /** Whole numbers alone. */
    whole: z.boolean(),
  }),
]);
export type Range = z.infer<typeof rangeSchema>;

const keySchema = z.custom<RecipeKey>((key) => (recipeKeys as readonly unknown[]).includes(key));

/** A field of the recipe with what it may be. */
export const sweptFieldSchema = z.strictObject({ key: keySchema, range: rangeSchema });
export type SweptField = Readonly<z.infer<typeof sweptFieldSchema>>;

/**
 * How values are chosen. `random`: each trial draws its own (Bergstra & Bengio 2012). `grid`: all combinations, numbers at so many levels. `asha`:
 * drawn as in `random`; a trial stops at each rung, and the best share of those there go on (Li et al. 2020, arXiv 1810.05934).
 */
export const methodSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('random') }),
  z.strictObject({ type: z.literal('grid'), levels: z.int().min(2).max(20) }),
  z.strictObject({
    type: z.literal('asha'),
    /** Of so many trials at a rung one goes on, and each rung is so many times as long as the one before (η). */
    reduction: z.int().min(2).max(8),
    /** How many there are, the full length among them. */
    rungs: z.int().min(2).max(5),
  }),
]);
export type SweepMethod = Readonly<z.infer<typeof methodSchema>>;

/** How much is spent: trials that are begun, or minutes of training after which none is begun or goes on any more. */
export const budgetSchema = z.strictObject({ unit: z.enum(['runs', 'minutes']), amount: z.int().min(1).max(10_000) });
export type Budget = Readonly<z.infer<typeof budgetSchema>>;

/** Where a trial was measured. */
const scoreSchema = z.object({
  step: z.number(),
  /** Of the objective, on the validation pictures; null where it could not be measured, or was no number. */
  value: z.number().nullable(),
});

export const trialSchema = z.object({
  /** Of its run, which the user may have deleted. */
  runId: z.string(),
  values: z.record(z.string(), valueSchema),
  /**
   * `running`: in progress, or interrupted. `waiting`: at a rung, from which it may go on. `finished`: at its end. `stopped`: before it, by hand or
   * because it was weak. `failed`: it could not be trained to there.
   */
  state: z.enum(['running', 'waiting', 'finished', 'stopped', 'failed']),
  /** What it scored at each rung that it came to, the last one or a stop among them. */
  scores: z.array(scoreSchema),
  /** Seconds of training. */
  seconds: z.number(),
  /** Why it ended as it did, for the user. */
  message: z.string(),
});
export type Trial = Readonly<z.infer<typeof trialSchema>>;

/** Most letters of a sweep's name. */
export const longestName = 200;

/** What the user asks for. */
export const sweepPlanSchema = z.object({
  name: z.string().min(1).max(longestName),
  dataset: z.object({ id: z.string(), name: z.string() }),
  /** What trials have in common. */
  recipe: z.custom<Recipe>(isFields),
  fields: z.array(sweptFieldSchema).min(1).max(20),
  method: methodSchema,
  budget: budgetSchema,
  /** Name of the metric that is looked for; null: the one by which runs choose their best weights. */
  objective: z.string().nullable(),
  /** Trials that do worse than half of the earlier ones at the same place are stopped (random and grid). */
  stopWeak: z.boolean(),
  /** Start of all that is drawn. */
  seed: z.int().min(0).max(0xffff_ffff),
});
export type SweepPlan = Readonly<z.infer<typeof sweepPlanSchema>>;

/** A sweep as it is stored. */
export const sweepSchema = sweepPlanSchema.extend({
  id: z.string(),
  createdAt: z.number(),
  /** `running` while there is something left to do and nobody has held it: in a tab, or left behind by one. */
  state: z.enum(['running', 'held', 'ended']),
  /** Why it is held or has ended, for the user. */
  message: z.string(),
  /** Name of the metric that trials are told by; null before the first was measured. */
  measuredBy: z.string().nullable(),
  /** In the order in which they began. */
  trials: z.array(trialSchema),
});
export type Sweep = Readonly<z.infer<typeof sweepSchema>>;

/** The shares of a run's length at which its trials are looked at: rungs, of which the last is its end. */
export function rungShares(method: SweepMethod): readonly number[] {
  if (method.type !== 'asha') return [1];
  const { reduction, rungs } = method;
  return Array.from({ length: rungs }, (_, rung) => reduction ** (rung + 1 - rungs));
}
