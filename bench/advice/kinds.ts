import type { RecipeChange } from '../../src/recipe/fields';

/** A way to set a run up, with what is wrong with it. */
export interface Kind {
  readonly name: string;
  readonly wrong: readonly string[];
  readonly changes: RecipeChange;
  /** Share of the training pictures whose caption is another's. */
  readonly noise?: number;
  readonly pictures?: number;
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

export const kinds: readonly Kind[] = [
  { name: 'good', wrong: [], changes: {} },
  { name: 'good, a lower rate', wrong: [], changes: { learningRate: 1.5e-3 } },
  {
    name: 'Adam and a constant rate',
    wrong: [],
    changes: { optimizer: 'adam', schedule: 'constant', learningRate: 2e-3 },
  },
  { name: 'good, larger batches', wrong: [], changes: { batchSize: 32 } },
  { name: 'rate far too high', wrong: ['rate-high'], changes: { learningRate: 0.3, maxGradNorm: 0 } },
  { name: 'rate too high', wrong: ['rate-high'], changes: { learningRate: 0.1 } },
  { name: 'rate far too low', wrong: ['rate-low'], changes: { learningRate: 1e-7 } },
  { name: 'rate too low', wrong: ['rate-low'], changes: { learningRate: 3e-6 } },
  {
    name: 'learns noise by heart',
    wrong: ['overfitting'],
    changes: { steps: 240, weightDecay: 0, schedule: 'constant' },
    noise: 0.6,
  },
  {
    name: 'learns few pictures by heart',
    wrong: ['overfitting'],
    changes: { steps: 240, weightDecay: 0, schedule: 'constant' },
    noise: 0.5,
    pictures: 80,
  },
  {
    name: 'ends too early',
    wrong: ['underfitting'],
    changes: { steps: 24, evaluateEvery: 2, schedule: 'constant', learningRate: 1e-3 },
  },
  {
    name: 'ends far too early',
    wrong: ['underfitting'],
    changes: { steps: 16, evaluateEvery: 2, schedule: 'constant', learningRate: 1.5e-3 },
  },
];
