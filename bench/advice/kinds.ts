import type { AdviceId } from '../../src/adviser/note';
import type { RecipeChange } from '../../src/recipe/fields';

export const taughtTasks = ['contrastive', 'classification', 'regression', 'captioning'] as const;
export type TaughtTask = (typeof taughtTasks)[number];

/** What is the matter with the pictures of a run. */
export interface DataFaults {
  /** Share of the training pictures whose caption is another's. */
  readonly noise?: number;
  readonly pictures?: number;
  /** Half of the classes have a single training picture. */
  readonly uneven?: boolean;
  /** Pictures stand in groups: each within one split, or spread over training and validation. */
  readonly groups?: 'whole' | 'split';
  /** Validation pictures that are training pictures over again. */
  readonly copies?: number;
}

/** A way to set a run up, with what is wrong with it. */
export interface Kind extends DataFaults {
  readonly name: string;
  readonly wrong: readonly AdviceId[];
  readonly changes: RecipeChange;
  /** By tasks of which there is such a run; absent: by all. */
  readonly tasks?: readonly TaughtTask[];
  /** The base model has been taught the same pictures before. */
  readonly taught?: boolean;
  /** The weights that it keeps were not measured on the test pictures; there are none of them. */
  readonly untested?: 'pictures' | 'none';
  /** The change that would have gone better, if the fault is one: the run is recorded with it as well. */
  readonly remedy?: RecipeChange;
}

export const usual: RecipeChange = {
  freeze: 'full',
  durationUnit: 'steps',
  steps: 120,
  batchSize: 16,
  learningRate: 3e-3,
  warmupRatio: 0.1,
  evaluateEvery: 8,
};

const usualRate: RecipeChange = { learningRate: 3e-3 };
const byHeart: RecipeChange = { steps: 240, weightDecay: 0, schedule: 'constant' };
/** A rate for a model that knows the pictures. */
const gentle: RecipeChange = { learningRate: 3e-4 };

/** Set up by what their curves show. */
export const courses: readonly Kind[] = [
  { name: 'good', wrong: [], changes: {} },
  { name: 'good, a lower rate', wrong: [], changes: { learningRate: 1.5e-3 } },
  {
    name: 'Adam and a constant rate',
    wrong: [],
    changes: { optimizer: 'adam', schedule: 'constant', learningRate: 2e-3 },
  },
  { name: 'good, larger batches', wrong: [], changes: { batchSize: 32 } },
  {
    name: 'rate far too high',
    wrong: ['rate-high'],
    changes: { learningRate: 0.3, maxGradNorm: 0 },
    remedy: usualRate,
  },
  { name: 'rate too high', wrong: ['rate-high'], changes: { learningRate: 0.1 }, remedy: usualRate },
  { name: 'rate far too low', wrong: ['rate-low'], changes: { learningRate: 1e-7 }, remedy: usualRate },
  { name: 'rate too low', wrong: ['rate-low'], changes: { learningRate: 3e-6 }, remedy: usualRate },
  { name: 'learns noise by heart', wrong: ['overfitting'], changes: byHeart, noise: 0.6 },
  { name: 'learns few pictures by heart', wrong: ['overfitting'], changes: byHeart, noise: 0.5, pictures: 80 },
  {
    name: 'ends too early',
    wrong: ['underfitting'],
    changes: { steps: 24, evaluateEvery: 2, schedule: 'constant', learningRate: 1e-3 },
    remedy: { steps: 48 },
  },
  {
    name: 'ends far too early',
    wrong: ['underfitting'],
    changes: { steps: 16, evaluateEvery: 2, schedule: 'constant', learningRate: 1.5e-3 },
    remedy: { steps: 32 },
  },
];

const withHeadline = ['contrastive', 'classification'] as const;

/** Of a base model that knows the pictures, of a scale that runs away, and of what lies in data and recipe. */
export const circumstances: readonly Kind[] = [
  { name: 'good, of a model that knows them', wrong: [], changes: gentle, taught: true, tasks: withHeadline },
  {
    name: 'unlearns what it knew',
    wrong: ['collapse', 'rate-high'],
    changes: { learningRate: 0.1, maxGradNorm: 0 },
    taught: true,
    remedy: gentle,
    tasks: withHeadline,
  },
  {
    name: 'unlearns what it knew within a few steps',
    wrong: ['collapse', 'rate-high'],
    changes: { learningRate: 0.3, steps: 60, evaluateEvery: 4, schedule: 'constant' },
    taught: true,
    remedy: gentle,
    tasks: withHeadline,
  },
  {
    name: 'the scale grows with pairs known by heart',
    wrong: ['temperature', 'overfitting'],
    changes: { steps: 360, evaluateEvery: 24, learningRate: 8e-3, weightDecay: 0, schedule: 'constant' },
    pictures: 48,
    tasks: ['contrastive'],
  },
  {
    name: 'the scale grows over a long run',
    wrong: ['temperature'],
    changes: { steps: 600, evaluateEvery: 40, learningRate: 4e-3, weightDecay: 0, schedule: 'constant' },
    pictures: 48,
    tasks: ['contrastive'],
  },
  {
    name: 'classes are uneven',
    wrong: ['imbalance'],
    changes: {},
    uneven: true,
    pictures: 240,
    tasks: ['classification'],
  },
  {
    name: 'classes are uneven and weighed alike',
    wrong: [],
    changes: { classWeights: 'balanced' },
    uneven: true,
    pictures: 240,
    tasks: ['classification'],
  },
  { name: 'groups across splits', wrong: ['leakage'], changes: {}, groups: 'split' },
  { name: 'groups within splits', wrong: [], changes: {}, groups: 'whole' },
  { name: 'copies across splits', wrong: ['leakage'], changes: {}, copies: 3 },
  { name: 'evaluated twice', wrong: ['few-evaluations'], changes: { evaluateEvery: 60 } },
  { name: 'evaluated at the end', wrong: ['few-evaluations'], changes: { evaluateEvery: 120 } },
  { name: 'batches of four', wrong: ['small-batch'], changes: { batchSize: 4 }, tasks: ['contrastive'] },
  { name: 'batches of eight', wrong: ['small-batch'], changes: { batchSize: 8 }, tasks: ['contrastive'] },
  { name: 'small batches of labels', wrong: [], changes: { batchSize: 8 }, tasks: ['classification', 'regression'] },
  { name: 'not tested', wrong: ['not-tested'], changes: {}, untested: 'pictures' },
  { name: 'no test pictures', wrong: ['not-tested'], changes: {}, untested: 'none' },
];
