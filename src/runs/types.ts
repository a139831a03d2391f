import { z } from 'zod';
import { recipeSchema } from '../recipe/schema';
import type { EvaluationMetrics, ProbeRanking, RetrievalMetrics, StepMetrics } from '../training/protocol';

const direction = z.object({
  recallAt1: z.number(),
  recallAt5: z.number(),
  recallAt10: z.number(),
  meanRank: z.number(),
  medianRank: z.number(),
});
const retrieval = z.object({
  imageToText: direction,
  textToImage: direction,
  gallery: z.number(),
  loss: z.number(),
}) satisfies z.ZodType<RetrievalMetrics>;
const evaluation = retrieval.extend({ step: z.number(), seconds: z.number() }) satisfies z.ZodType<EvaluationMetrics>;
const probe = z.object({
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

/** A training run: its frozen recipe, what it ran on and with, and what came of it. Step metrics and weights lie in stores of their own. */
export const runSchema = z.object({
  id: z.string(),
  name: z.string(),
  recipe: recipeSchema,
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
  evaluations: z.array(evaluation),
  bestStep: z.number().nullable(),
  /** Step whose weights are stored; null while there are none. */
  weightsStep: z.number().nullable(),
  /** Names of the stored (changed) tensors. */
  tensors: z.array(z.string()),
  probes: z.array(probe),
});
export type Run = z.infer<typeof runSchema>;
