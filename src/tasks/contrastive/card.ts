import type { CardRow, TaskCard } from '../card';
import { examplesBy } from '../example';
import { lossMetric, picturesMetric, type Metrics } from '../metrics';
import type { Direction } from './metrics';
import { predictionsSchema } from './predictions';
import { structuredChange, structuredMetrics } from './structured';

/**
 * What a model card says of contrastive training: which metrics stand in its table, in what form, and the sentences around them. They name
 * counts, never a caption or a file.
 */

const count = (value = NaN): string => value.toLocaleString('en');

/** @param metrics by which it is known what was measured; versions before did not measure how well all answers are ordered */
function directionRows(label: string, direction: Direction, metrics: Metrics): readonly CardRow[] {
  const recall = (at: 1 | 5 | 10): CardRow => ({
    label: `${label} Recall@${at}`,
    name: `${direction}.recallAt${at}`,
    unit: 'share',
    digits: 1,
    boundDigits: 1,
  });
  const rank = { unit: 'number', boundDigits: 1 } as const;
  const ordering = (ranking: string, name: string): CardRow => ({
    label: `${label} ${ranking}`,
    name: `${direction}.${name}`,
    unit: 'number',
    digits: 3,
    boundDigits: 3,
  });
  return [
    recall(1),
    recall(5),
    recall(10),
    { ...rank, label: `${label} median rank`, name: `${direction}.medianRank`, digits: null },
    { ...rank, label: `${label} mean rank`, name: `${direction}.meanRank`, digits: 1 },
    ...[
      ordering('mAP', 'meanAveragePrecision'),
      ordering('MRR', 'meanReciprocalRank'),
      ordering('nDCG@10', 'ndcgAt10'),
    ].filter(({ name }) => metrics[name] !== undefined),
  ];
}

/** What a model card says of retrieval. */
export const card: TaskCard = {
  pipelineTag: 'zero-shot-image-classification',
  tags: ['clip', 'image-text-retrieval'],
  listed: {
    taskType: 'image-text-retrieval',
    types: ['recall'],
    metrics: [
      { type: 'recall', label: 'Text-to-image Recall@1', name: 'textToImage.recallAt1' },
      { type: 'recall', label: 'Image-to-text Recall@1', name: 'imageToText.recallAt1' },
    ],
  },
  rows: (metrics: Metrics) => [
    ...directionRows('Text → image', 'textToImage', metrics),
    ...directionRows('Image → text', 'imageToText', metrics),
    {
      label: `Contrastive loss${metrics['lossPairs'] === undefined ? '' : ` over batches of ${count(metrics['lossPairs'])} pairs`}`,
      name: lossMetric,
      unit: 'number',
      digits: 3,
      boundDigits: 3,
    },
  ],
  measured(split, { [picturesMetric]: pictures, captions }) {
    const words = captions === undefined ? '' : ` and their ${count(captions)} distinct captions`;
    return `Retrieval among ${count(pictures)} ${split} pictures${words}.`;
  },
  known({ trainedPictures = 0 }, pictures) {
    if (trainedPictures === 0) return '';
    const which = trainedPictures === pictures ? `All ${count(pictures)}` : count(trainedPictures);
    return `${which} of them carry captions that were trained on with other pictures: known words, new pictures.`;
  },
  resampled: (groups) => `${count(groups)} captions with their pictures`,
  inPoints: 'recall',
  limit:
    'Recall grows easier the fewer pictures are searched: compare it only with results on a gallery of the same size.',
  trainedWith: 'image–caption pairs',
  recorded: structuredMetrics,
  recordedChange: structuredChange,
  examples: examplesBy(predictionsSchema, ({ caption, correct, base, tuned }) => {
    const found = (order: readonly string[]): string => {
      const place = order.findIndex((id) => correct.includes(id));
      return place < 0 ? `not among the first ${order.length}` : `found at place ${place + 1}`;
    };
    const [imageId] = correct;
    return imageId === undefined ? [] : [{ imageId, wanted: caption, base: found(base), tuned: found(tuned) }];
  }),
};
