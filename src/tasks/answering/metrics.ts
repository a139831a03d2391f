import type { MetricDescription } from '../metrics';
import { exactMatch, loss, perplexity, share } from '../words/metrics';

export const vqaAccuracy: MetricDescription = {
  ...share,
  name: 'vqa-accuracy',
  label: 'VQA accuracy',
  short: 'VQA accuracy',
  tag: 'acc',
  meaning:
    'how many answers are right: in full where at least three people gave it, or all where there are fewer; punctuation, articles and number words left out of account',
  chart: { id: 'vqa-accuracy', title: 'VQA accuracy', shown: true },
};

/** The metrics of answers, in the order of their charts. Beside them stand `pictures` and `questions`. */
export const metrics: readonly MetricDescription[] = [loss, vqaAccuracy, exactMatch, perplexity];
