import { defaultRecipe, withFields } from '../../recipe/fields';
import type { Run } from '../../runs/types';
import { namedMetrics } from '../../tasks/contrastive/structured';
import type { Metrics } from '../../tasks/metrics';
import type { ExportInput } from '../build';

/** What tests export: a run and the facts around it. What an export must not tell is marked as secret. */

function metrics(recallAt1: number): Metrics {
  const direction = {
    recallAt1,
    recallAt5: recallAt1 + 0.2,
    recallAt10: recallAt1 + 0.3,
    meanRank: 7.5,
    medianRank: 2,
  };
  return namedMetrics({
    imageToText: direction,
    textToImage: { ...direction, recallAt1: recallAt1 + 0.01 },
    gallery: 120,
    captions: 110,
    guess: null,
    loss: 1.5,
    lossPairs: 64,
  });
}

/** A finished run over data whose captions and file names must never leave it. */
export const finishedRun: Run = {
  id: 'run-1',
  name: 'Shoes | first try',
  recipe: withFields(defaultRecipe, { freeze: 'projections', seed: 7 }),
  base: { id: 'seed-clip', digest: 'b45e'.repeat(16), hub: null, revision: null },
  plan: { stepsPerEpoch: 32, batchSize: 32, microBatches: 1, evaluateEvery: 100 },
  dataset: {
    id: 'dataset-1',
    name: 'Shoe shop',
    images: 1272,
    train: 1018,
    validation: 127,
    test: 127,
    fingerprint: 'f00d'.repeat(16),
  },
  environment: { backend: 'Some GPU', adapter: 'Some GPU', userAgent: 'Browser/1', version: '0.1.0' },
  createdAt: Date.UTC(2026, 0, 2),
  endedAt: Date.UTC(2026, 0, 3),
  state: 'finished',
  message: '',
  totalSteps: 300,
  stepsDone: 300,
  seconds: 61.4,
  events: [],
  baseline: metrics(0.35),
  evaluations: [
    { step: 200, seconds: 40, metrics: metrics(0.47), change: null },
    { step: 300, seconds: 60, metrics: metrics(0.45), change: null },
  ],
  bestStep: 200,
  weightsStep: 200,
  tensors: ['visual_projection.weight'],
  predictions: [{ caption: 'a secret caption', correct: ['secret-id'], base: [], tuned: [] }],
  labels: null,
  scales: null,
  remarks: '',
  tags: [],
  test: null,
};

export const exportFacts: ExportInput['facts'] = {
  name: 'Shoes | first try',
  base: {
    id: 'seed-clip',
    name: 'Seed CLIP',
    license: 'Apache-2.0',
    card: { licenses: ['Apache-2.0'], licenseName: null, licenseLink: null },
  },
  baseWeights: { id: 'seed-clip', digest: 'b45e'.repeat(16), hub: null, revision: null },
  run: finishedRun,
  examples: false,
  data: { captions: 1300, medianWords: 6, duplicateCaptions: 12, origin: 'files' },
  dataChanged: false,
  splits: { train: ['aa', 'bb'], validation: ['cc'], test: [] },
  steps: [1, 2].map((step) => ({
    step,
    epoch: step / 32,
    loss: 3 / step,
    gradNorm: 1,
    learningRate: 1e-4,
    imagesPerSecond: 100,
    seconds: step,
    extra: { logitScale: 14 },
  })),
  test: null,
  createdAt: Date.UTC(2026, 0, 4),
};
