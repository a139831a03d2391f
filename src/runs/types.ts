import { z } from 'zod';
import type { Recipe } from '../recipe/schema';
import { isFields } from '../recipe/versions';
import type {
  ChangeIntervals,
  EvaluationMetrics,
  ProbeRanking,
  RetrievalMetrics,
  StepMetrics,
  TestResult,
} from '../protocol/protocol';

const direction = z.object({
  recallAt1: z.number(),
  recallAt5: z.number(),
  recallAt10: z.number(),
  meanRank: z.number(),
  medianRank: z.number(),
});
const guess = z.object({ recallAt1: z.number(), meanRank: z.number() });
/** What earlier versions did not measure is null. */
const retrieval = z.object({
  imageToText: direction,
  textToImage: direction,
  gallery: z.number(),
  captions: z.number().nullable().default(null),
  guess: z.object({ imageToText: guess, textToImage: guess }).nullable().default(null),
  loss: z.number(),
  lossPairs: z.number().nullable().default(null),
}) satisfies z.ZodType<RetrievalMetrics>;
const interval = z.object({ low: z.number(), high: z.number() });
const directionIntervals = z.object({
  recallAt1: interval,
  recallAt5: interval,
  recallAt10: interval,
  meanRank: interval,
  medianRank: interval,
});
const change = z
  .object({
    imageToText: directionIntervals,
    textToImage: directionIntervals,
    bothRecallAt1: interval,
    loss: interval,
    groups: z.number(),
  })
  .nullable()
  .default(null) satisfies z.ZodType<ChangeIntervals | null>;
export const evaluationSchema = retrieval.extend({
  step: z.number(),
  seconds: z.number(),
  change,
}) satisfies z.ZodType<EvaluationMetrics>;
/** What a run scores on the test pictures of its dataset. */
export const testResultSchema = z.object({
  step: z.number(),
  base: retrieval,
  tuned: retrieval,
  change,
  trained: z.object({ captions: z.number(), pictures: z.number() }),
}) satisfies z.ZodType<TestResult>;
export const probeSchema = z.object({
  caption: z.string(),
  correct: z.array(z.string()),
  base: z.array(z.string()),
  tuned: z.array(z.string()),
}) satisfies z.ZodType<ProbeRanking>;

/** One row of a run's training curve. */
export const stepMetricsSchema = z.object({
  step: z.number(),
  epoch: z.number(),
  loss: z.number(),
  gradNorm: z.number(),
  learningRate: z.number(),
  logitScale: z.number(),
  imagesPerSecond: z.number(),
  seconds: z.number(),
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
  baseline: retrieval.nullable(),
  evaluations: z.array(evaluationSchema),
  /** Step of the best evaluation, 0 for the base model. Where the recipe keeps the best weights, those stored are of this very step. */
  bestStep: z.number().nullable(),
  /** Step whose weights are stored; null while there are none. At 0 they are those of the base model, and no tensor is stored. */
  weightsStep: z.number().nullable(),
  /** Names of the stored (changed) tensors. */
  tensors: z.array(z.string()),
  probes: z.array(probeSchema),
  /** Of the stored weights; null while it was not measured. */
  test: testResultSchema.nullable().default(null),
});
export type Run = z.infer<typeof runSchema>;

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
