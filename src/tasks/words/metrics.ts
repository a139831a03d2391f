import { lossMetric, type MetricDescription } from '../metrics';

/** Metrics that tasks share in which a model writes words. */

export const share = { better: 'more', unit: 'share', digits: 1 } as const;

/** How unlikely the model finds each token of what would be right, the end included. */
export const loss: MetricDescription = {
  name: lossMetric,
  label: 'Loss',
  inFull: 'Validation loss',
  short: 'loss',
  meaning: 'the cross-entropy of each token of what would be right, without smoothing',
  better: 'less',
  unit: 'number',
  digits: 3,
  chart: { id: 'validation-loss', title: 'Validation loss', shown: true },
};

/** The exponential of the loss. */
export const perplexity: MetricDescription = {
  name: 'perplexity',
  label: 'Perplexity',
  short: 'perplexity',
  meaning: 'among how many tokens, equally likely, the model chooses each',
  better: 'less',
  unit: 'number',
  digits: 2,
  chart: null,
};

export const exactMatch: MetricDescription = {
  ...share,
  name: 'exact-match',
  label: 'Exact match',
  short: 'exact',
  meaning: 'how many texts are, but for case and spaces, one of those that would be right',
  chart: { id: 'exact-match', title: 'Exact match', shown: false },
};

/** How many validation samples were written for; what `pictures` counts where samples are pictures. */
export const questionsMetric = 'questions';
