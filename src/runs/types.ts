import { z } from 'zod';
import type { Recipe } from '../recipe/schema';
import { isFields } from '../recipe/versions';
import type { Evaluation, StepMetrics, TestResult } from '../protocol/training';
import { runEventSchema } from '../protocol/run-events';
import { sweepTrialSchema } from '../protocol/sweep-trial';
import { changesSchema } from '../tasks/changes';
import { metricChangesSchema, metricsSchema } from '../tasks/metrics';
import { robustnessSchema } from '../tasks/robustness';

/**
 * Records of runs as they are stored. Whatever is read passes one of these schemas (`records.ts`); a run of an earlier version is brought up to
 * date before.
 */

const change = metricChangesSchema.nullable().default(null);
export const evaluationSchema = z.object({
  step: z.number(),
  seconds: z.number(),
  metrics: metricsSchema,
  change,
}) satisfies z.ZodType<Evaluation>;
/** What a run scores on the test pictures of its dataset. */
export const testResultSchema = z.object({
  step: z.number(),
  base: metricsSchema,
  tuned: metricsSchema,
  change,
  about: metricsSchema,
  changes: changesSchema.nullish(),
}) satisfies z.ZodType<TestResult>;

/** One row of a run's training curve. */
export const stepMetricsSchema = z.object({
  step: z.number(),
  epoch: z.number(),
  loss: z.number(),
  gradNorm: z.number(),
  learningRate: z.number(),
  imagesPerSecond: z.number(),
  seconds: z.number(),
  extra: metricsSchema,
}) satisfies z.ZodType<StepMetrics>;

/** The base model that a run started from. */
export const runBaseSchema = z.object({
  /** As in a recipe. */
  id: z.string(),
  /** Names the weights, see `weightsDigest`. */
  digest: z.string(),
  /** Address of the hub it came from; null for models that are embedded or were opened from the disk. */
  hub: z.string().nullable(),
  /** Branch, tag or commit on the hub. */
  revision: z.string().nullable(),
});
export type RunBase = z.infer<typeof runBaseSchema>;

/** How the recipe played out on the data. */
const runPlanSchema = z.object({
  stepsPerEpoch: z.number(),
  batchSize: z.number(),
  microBatches: z.number(),
  evaluateEvery: z.number(),
});

/** A number that a run gives, with the mean and the standard deviation of its training samples, by which it is measured in training. */
const scaleSchema = z.object({ name: z.string(), mean: z.number(), deviation: z.number() });
export type Scale = Readonly<z.infer<typeof scaleSchema>>;

/** In what a run differs from the one before it on the same data, in words. */
export const sinceSchema = z.object({
  /** The run before. */
  id: z.string(),
  name: z.string(),
  changes: z.array(z.object({ label: z.string(), from: z.string(), to: z.string() })),
});
export type Since = Readonly<z.infer<typeof sinceSchema>>;

/** Colours of runs, in turn. */
export const runColours = 6;

/** What a step takes, for what a run has taken (`taken.ts`). */
const workSchema = z.object({
  /** Samples of an epoch: pairs, questions or labelled pictures. */
  samplesPerEpoch: z.number(),
  /** Floating-point operations of a step, forward and backward, as far as they are matrix products: an estimate (`stepFlops`). */
  flopsPerStep: z.number(),
});

/** A training run: its frozen recipe, what it ran on and with, and what came of it. Step metrics and weights lie in stores of their own. */
export const runSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** As it was: of an earlier version, or with numbers that are none of today's any more (`recordedRecipe`). */
  recipe: z.custom<Recipe>(isFields),
  /** Null while it is being told apart, and in runs of version 1. */
  base: runBaseSchema.nullable(),
  /** Null in runs of version 1. */
  plan: runPlanSchema.nullable(),
  dataset: z.object({
    id: z.string(),
    name: z.string(),
    images: z.number(),
    train: z.number(),
    validation: z.number(),
    test: z.number(),
    /** How it was split at random; absent in runs of before. Single pictures may have been moved since: the fingerprint knows. */
    split: z.object({ seed: z.number(), validation: z.number(), test: z.number() }).nullish().catch(undefined),
    /** SHA-256 over the sorted picture hashes, captions and splits. */ fingerprint: z.string(),
  }),
  environment: z.object({
    backend: z.string(),
    adapter: z.string().nullable(),
    userAgent: z.string(),
    version: z.string(),
  }),
  /** The kernels that it trained with, by what they compute (`kernelNames`); empty where there were none to choose from, absent in runs of before. */
  kernels: z.record(z.string(), z.string()).nullish(),
  createdAt: z.number(),
  endedAt: z.number().nullable(),
  state: z.enum(['running', 'finished', 'stopped', 'early-stopping', 'failed', 'interrupted']),
  message: z.string(),
  totalSteps: z.number(),
  stepsDone: z.number(),
  seconds: z.number(),
  /** What came between, in the order in which it happened. */
  events: z.array(runEventSchema).default([]),
  baseline: metricsSchema.nullable(),
  evaluations: z.array(evaluationSchema),
  /** Step of the best evaluation, 0 for the base model. Where the recipe keeps the best weights, those stored are of this very step. */
  bestStep: z.number().nullable(),
  /** Step whose weights are stored; null while there are none. At 0 they are those of the base model, and no tensor is stored. */
  weightsStep: z.number().nullable(),
  /** Names of the stored (changed) tensors. */
  tensors: z.array(z.string()),
  /** Of the newest evaluation, in the form of the task's schema; null while there are none. */
  predictions: z.unknown().default(null),
  /** Names of the classes that its head tells apart, in the order of its outputs; null where there is no such head. */
  labels: z.array(z.string()).nullable().default(null),
  /** What the numbers that its head gives are measured by, in the order of its outputs; null where it gives none. */
  scales: z.array(scaleSchema).nullable().default(null),
  /** Of the stored weights; null while it was not measured. */
  test: testResultSchema.nullable().default(null),
  /** What the stored weights score on spoiled test pictures; absent where nobody asked. */
  robustness: robustnessSchema.optional().catch(undefined),
  /** Null where it was the first on its data; absent in runs of before. */
  since: sinceSchema.nullish().catch(undefined),
  /** Absent in runs of before. */
  work: workSchema.nullish().catch(undefined),
  /** Of the colours of runs, from 1; absent in runs of before, which have one by their place. */
  colour: z.int().min(1).max(runColours).nullish().catch(undefined),
  /** The sweep that it is a trial of; absent in all other runs. */
  sweep: sweepTrialSchema.nullish().catch(undefined),
  /** What the user has written about it. */
  remarks: z.string().default('').catch(''),
  /** By which the user sorts runs. */
  tags: z.array(z.string()).default([]).catch([]),
});
export type Run = z.infer<typeof runSchema>;

/** What the user says about a run. */
export type RunWords = Partial<Pick<Run, 'name' | 'remarks' | 'tags'>>;

/** A run as it was read. */
export interface StoredRun extends Run {
  /** What of its record could not be taken as it is stored, in sentences for the user; nothing nearly always. */
  readonly notes: readonly string[];
}

/** What was in which split when a run began, by content hash. */
export const runDataSchema = z.object({
  train: z.array(z.string()),
  validation: z.array(z.string()),
  test: z.array(z.string()),
});
export type RunData = z.infer<typeof runDataSchema>;
