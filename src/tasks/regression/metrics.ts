import { lossMetric, type MetricDescription } from '../metrics';

const number = { unit: 'number', digits: 3 } as const;

export const meanError: MetricDescription = {
  ...number,
  name: 'mae',
  label: 'Mean absolute error',
  short: 'MAE',
  better: 'less',
  meaning:
    'how far numbers are off on average, in their own unit; in standard deviations where there are several columns',
  chart: { id: 'mae', title: 'Mean absolute error', shown: true },
};

const loss: MetricDescription = {
  ...number,
  name: lossMetric,
  label: 'Loss',
  inFull: 'Validation loss',
  short: 'loss',
  better: 'less',
  meaning: 'the mean squared error in standard deviations of the training samples',
  chart: { id: 'validation-loss', title: 'Validation loss', shown: true },
};

/** The metrics of regression, in the order of their charts. Beside them stands `pictures`. */
export const metrics: readonly MetricDescription[] = [
  loss,
  meanError,
  {
    ...number,
    name: 'r2',
    label: 'R²',
    short: 'R²',
    better: 'more',
    meaning: 'the share of the variance that is explained: 1 is all of it, 0 is no better than the mean',
    chart: { id: 'r2', title: 'R²', shown: true },
  },
  {
    ...number,
    name: 'spearman',
    label: 'Spearman’s ρ',
    short: 'Spearman',
    better: 'more',
    meaning: 'how far the order is right: 1 is the same order, 0 none',
    chart: { id: 'spearman', title: 'Spearman’s ρ', shown: false },
  },
  { ...number, name: 'kendall', label: 'Kendall’s τ', short: 'Kendall', better: 'more', chart: null },
  { ...number, name: 'mse', label: 'Mean squared error', short: 'MSE', better: 'less', chart: null },
];
