import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { recipeSchema } from '../../recipe/schema';
import { isFields } from '../../recipe/versions';
import { withFields, type RecipeChange } from '../../recipe/fields';
import { lossMetric } from '../../tasks/metrics';
import { meanOver } from '../curve';
import type { Evidence } from '../evidence';
import type { AdviceId } from '../note';

/** Recorded runs with what is wrong with them, as `bench/advice/record.ts` writes them. */

const value = z
  .number()
  .nullable()
  .transform((given) => given ?? NaN);
const metrics = z.record(z.string(), value);
const count = z.int().min(0);

const runSchema = z.object({
  kind: z.string(),
  seed: z.int(),
  /** What was set up to be wrong. */
  wrong: z.array(z.custom<AdviceId>((id) => typeof id === 'string')),
  changes: z.custom<RecipeChange>(isFields),
  /** The same run with what would have been better; null where the fault is none of curves. */
  remedied: z
    .object({ losses: z.array(value), headline: value })
    .nullish()
    .transform((given) => given ?? null),
  train: count,
  validation: count,
  test: count.default(0),
  tested: z.boolean().nullable().default(null),
  totalSteps: count,
  loss: z.array(value),
  gradNorm: z.array(value),
  logitScale: z.array(value),
  latest: metrics.default({}),
  baseline: metrics.nullable(),
  evaluations: z.array(
    z.object({
      step: count,
      metrics,
      change: z
        .object({ groups: count, intervals: z.record(z.string(), z.object({ low: z.number(), high: z.number() })) })
        .nullish(),
    }),
  ),
  data: z
    .object({
      classes: z.array(count).nullable(),
      leaked: count,
      copies: z.array(z.string()).nullable(),
    })
    .nullable()
    .default(null),
});
type RecordedRun = z.infer<typeof runSchema>;

/** A run, and what is wrong with it. */
export interface Case {
  readonly name: string;
  /** As it was set up. */
  readonly meant: readonly AdviceId[];
  /** As it came out: what was set up did no harm to some. */
  readonly wrong: readonly AdviceId[];
  readonly evidence: Evidence;
}

/** @param reviewed what is wrong with runs that did not go as they were set up, by their curves; null: nothing */
export function recordedCases(file: string, reviewed: Readonly<Record<string, AdviceId | null>> = {}): readonly Case[] {
  const text = readFileSync(new URL(`../fixtures/${file}.json`, import.meta.url), 'utf8');
  return z
    .array(runSchema)
    .parse(JSON.parse(text))
    .map((run) => {
      const evidence = evidenceOf(run);
      const name = `${run.kind}, ${evidence.recipe.task.type}, seed ${run.seed}`;
      const review = reviewed[name];
      const shown: readonly AdviceId[] = [
        ...run.wrong.filter((id) => cameTrue(id, run)),
        ...(run.wrong.every((id) => !ofCurves.includes(id)) && learntByHeart(run) ? (['overfitting'] as const) : []),
      ];
      const wrong = review === undefined ? shown : review === null ? [] : [review];
      return { name, meant: run.wrong, wrong, evidence };
    });
}

function evidenceOf(run: RecordedRun): Evidence {
  const recipe = withFields(recipeSchema.parse({ seed: run.seed }), run.changes);
  return {
    ...run,
    recipe,
    events: [],
    evaluations: run.evaluations.map((evaluation) => ({ ...evaluation, change: evaluation.change ?? null })),
    batchSize: recipe.batchSize,
    forgets: false,
    over: true,
  };
}

/** By so much a lower rate has to lower the loss at the end, for the rate to have been too high… */
const better = 0.95;
/** …and so many times as much has to be gained with a higher rate or with more steps. */
const more = 1.2;

/** Faults that are set up by what curves show. */
const ofCurves: readonly AdviceId[] = [
  'rate-high',
  'rate-low',
  'overfitting',
  'underfitting',
  'collapse',
  'temperature',
];

/** Whether a run that was set up well has overfitted, by the definition of those that were to, while its training loss fell. */
function learntByHeart(run: RecordedRun): boolean {
  const losses = run.evaluations.map(({ metrics: of }) => of[lossMetric] ?? NaN);
  const turned = (run.evaluations[losses.indexOf(Math.min(...losses))]?.step ?? NaN) / run.loss.length;
  const then = meanOver(run.loss, Math.max(0, turned - 0.1), turned);
  return cameTrue('overfitting', run) && meanOver(run.loss, 0.9, 1) < then;
}

/** Whether a fault that was set up has shown: with the remedy the run went clearly better, or its curve says it by definition. */
function cameTrue(id: AdviceId, { remedied, baseline, evaluations, logitScale }: RecordedRun): boolean {
  const losses = evaluations.map(({ metrics: of }) => of[lossMetric] ?? NaN);
  const [start, last] = [baseline?.[lossMetric] ?? NaN, losses.at(-1) ?? NaN];
  switch (id) {
    case 'rate-high':
      return remedied === null || !Number.isFinite(last) || (remedied.losses.at(-1) ?? NaN) < better * last;
    case 'rate-low':
    case 'underfitting':
      return remedied === null || start - Math.min(...remedied.losses) > more * (start - Math.min(...losses));
    case 'collapse': {
      const { metrics: reached = {} } = evaluations.at(-1) ?? {};
      const headline = reached['recall@1'] ?? reached['accuracy'] ?? NaN;
      return remedied === null || (headline < 0.5 * remedied.headline && (remedied.losses.at(-1) ?? NaN) < 0.8 * last);
    }
    case 'overfitting': {
      const means = losses.slice(2).map((_, place) => meanOver(losses.slice(place, place + 3), 0, 1));
      return (means.at(-1) ?? NaN) > 1.1 * Math.min(...means);
    }
    case 'temperature': {
      const factor = (logitScale.at(-1) ?? NaN) / (logitScale[0] ?? NaN);
      return factor > 2 || factor < 0.5;
    }
    default:
      return true;
  }
}
