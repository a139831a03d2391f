import type { TaskCard } from '../card';
import { examplesBy } from '../example';
import { lossMetric, picturesMetric } from '../metrics';
import { metrics } from './metrics';
import { numberText } from './numbers';
import { predictionsSchema, type RatedNumber } from './predictions';

const count = (value = NaN): string => value.toLocaleString('en');

/** What a model card says of regression. */
export const card: TaskCard = {
  pipelineTag: 'tabular-regression',
  tags: ['clip', 'regression'],
  listed: {
    taskType: 'image-regression',
    types: ['mae', 'r_squared'],
    metrics: [
      { type: 'mae', label: 'Mean absolute error', name: 'mae' },
      { type: 'r_squared', label: 'R²', name: 'r2' },
    ],
  },
  rows: (measured) => [
    ...metrics
      .filter(({ name }) => name !== lossMetric && measured[name] !== undefined)
      .map(({ label, name }) => ({ label, name, unit: 'number', digits: 3, boundDigits: 3 }) as const),
    { label: 'Squared error in standard deviations', name: lossMetric, unit: 'number', digits: 3, boundDigits: 3 },
  ],
  measured: (split, { [picturesMetric]: pictures }) =>
    `Numbers of ${count(pictures)} ${split} samples. What it is compared with says the mean of the training samples each time.`,
  known: () => '',
  resampled: (groups) => `${count(groups)} samples`,
  inPoints: '',
  limit: 'It gives a number for every sample, also for those that are like nothing it was trained on.',
  trainedWith: 'pictures or texts with numbers',
  recorded: (measured) => ({ ...measured }),
  recordedChange: (change) => ({ ...change }),
  examples: examplesBy(predictionsSchema, ({ imageId, numbers }) => {
    const named = (of: (number: RatedNumber) => number | null): string =>
      numbers.map((number) => `${number.name} ${numberText(of(number) ?? NaN)}`).join(', ');
    return [
      {
        imageId,
        wanted: named(({ wanted }) => wanted),
        base: named(({ base }) => base),
        tuned: named(({ tuned }) => tuned),
      },
    ];
  }),
};
