import { z } from 'zod';
import { versionedRecipe } from '../recipe/migrate';
import { repeatableRecipe } from '../runs/repeat';
import { runBaseSchema, runDataSchema } from '../runs/types';
import { cardOf, taskOfFacts, type ExportFacts } from './facts';

/**
 * `training.json`: everything that is needed to understand or repeat the run, for programs. It names pictures by the SHA-256 of their bytes and
 * the base model by the digest of its weights (see `weightsDigest`). File names and captions, the run's examples too, stay out of it, since they
 * belong to the data.
 */
export function trainingRecord(facts: ExportFacts): string {
  const { run, base, baseWeights, splits, steps, test } = facts;
  const card = cardOf(facts);
  const { stepMetrics } = taskOfFacts(facts);
  const record = {
    format: 'vernier-training',
    version: 2,
    createdAt: new Date(facts.createdAt).toISOString(),
    model: {
      name: facts.name,
      base: base.id,
      baseWeights,
      baseLicense: base.license,
      precision: facts.precision,
      parameters: facts.parameters,
      trainedParameters: facts.trainedParameters,
    },
    // The dataset's id is a name within one browser and means nothing elsewhere.
    data: run === null ? null : { ...run.dataset, id: undefined, ...facts.data, splits },
    recipe: run === null ? null : versionedRecipe(repeatableRecipe(run)),
    plan: run?.plan ?? null,
    environment: run?.environment ?? null,
    // A list a measure, of which equal places belong together.
    steps:
      run === null
        ? null
        : {
            step: steps.map(({ step }) => step),
            loss: steps.map(({ loss }) => loss),
            gradNorm: steps.map(({ gradNorm }) => gradNorm),
            learningRate: steps.map(({ learningRate }) => learningRate),
            ...Object.fromEntries(stepMetrics.map(({ name }) => [name, steps.map(({ extra }) => extra[name] ?? null)])),
          },
    kernels: run?.kernels ?? null,
    result:
      run === null
        ? null
        : {
            state: run.state,
            startedAt: new Date(run.createdAt).toISOString(),
            steps: run.stepsDone,
            plannedSteps: run.totalSteps,
            seconds: run.seconds,
            bestStep: run.bestStep,
            exportedStep: run.weightsStep,
            trainedTensors: run.tensors,
            baseline: run.baseline && card.recorded(run.baseline),
            evaluations: run.evaluations.map(({ step, seconds, metrics, change }) => ({
              ...card.recorded(metrics),
              step,
              seconds,
              change: change && card.recordedChange(change),
            })),
          },
    test:
      test === null
        ? null
        : {
            base: card.recorded(test.base),
            tuned: test.tuned && card.recorded(test.tuned),
            change: test.change && card.recordedChange(test.change),
          },
  };
  return `${JSON.stringify(record, null, 2)}\n`;
}

const numbers = z.array(z.number());

/** What of a `training.json` a run is repeated from. */
export const repeatableSchema = z.object({
  format: z.literal('vernier-training'),
  version: z.literal(2),
  model: z.object({ base: z.string(), baseWeights: runBaseSchema }),
  data: z.object({ fingerprint: z.string(), splits: runDataSchema }),
  /** For `restoreRecipe`. */
  recipe: z.record(z.string(), z.unknown()),
  plan: z.object({
    stepsPerEpoch: z.number(),
    batchSize: z.number(),
    microBatches: z.number(),
    evaluateEvery: z.number(),
  }),
  environment: z.object({ backend: z.string(), version: z.string() }),
  /** Variants by what they compute; null where nobody noted them. */
  kernels: z.record(z.string(), z.string()).nullable(),
  steps: z.object({
    step: numbers,
    loss: numbers,
    gradNorm: numbers,
    learningRate: numbers,
    logitScale: numbers.optional(),
  }),
});
