import type { MetricDescription } from '../metrics';
import { exactMatch, loss, perplexity, share } from '../words/metrics';

/** Up to 10, which equal sentences reach. */
export const ciderD: MetricDescription = {
  name: 'cider-d',
  label: 'CIDEr-D',
  short: 'CIDEr-D',
  meaning: 'how much a caption has in common with all captions of its picture, rare words counting more; at most 10',
  better: 'more',
  unit: 'number',
  digits: 3,
  chart: { id: 'cider-d', title: 'CIDEr-D', shown: true },
};

const bleu = (order: 1 | 2 | 3 | 4): MetricDescription => ({
  ...share,
  name: `bleu-${order}`,
  label: `BLEU-${order} (COCO)`,
  short: `BLEU-${order}`,
  ...(order === 4
    ? { meaning: 'how many runs of up to four words are those of a caption of the picture, over all pictures' }
    : {}),
  chart: { id: `bleu-${order}`, title: `BLEU-${order} (COCO)`, shown: order === 4 },
});

/** The metrics of captions, in the order of their charts. Beside them stands `pictures`. */
export const metrics: readonly MetricDescription[] = [
  loss,
  ciderD,
  bleu(4),
  {
    ...share,
    name: 'rouge-l',
    label: 'ROUGE-L',
    short: 'ROUGE-L',
    meaning: 'how long the longest run of common words is, others between them allowed',
    chart: { id: 'rouge-l', title: 'ROUGE-L', shown: false },
  },
  {
    ...share,
    name: 'meteor',
    label: 'METEOR (NLTK, no synonyms)',
    short: 'METEOR',
    meaning: 'how many words are found, by stem, and in how few pieces',
    chart: { id: 'meteor', title: 'METEOR (NLTK, no synonyms)', shown: false },
  },
  exactMatch,
  perplexity,
  {
    ...share,
    name: 'sacrebleu',
    label: 'BLEU-4 (sacreBLEU)',
    short: 'sacreBLEU',
    chart: { id: 'sacrebleu', title: 'BLEU-4 (sacreBLEU)', shown: false },
  },
  bleu(1),
  bleu(2),
  bleu(3),
];
