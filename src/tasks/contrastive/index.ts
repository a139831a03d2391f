import { taskPart } from '../../recipe/fields';
import type { TaskDescription } from '../description';
import { deciding, headline, knowledge } from './headline';
import { metrics } from './metrics';
import { predictionsSchema, reportSchema, type ProbeRanking, type RetrievalReport } from './predictions';

/** Pictures and words that belong together are found by each other. */
export const contrastive: TaskDescription<readonly ProbeRanking[], RetrievalReport> = {
  from: 'captions',
  needs: 'contrastive',
  metrics,
  stepMetrics: [
    {
      name: 'logitScale',
      chart: { id: 'logit-scale', title: 'Certainty (logit scale)', shown: false },
      atBound: {
        bound: (recipe) => taskPart(recipe, 'contrastive').maxLogitScale,
        title: (bound) => `The certainty (logit scale) is at its bound of ${bound}.`,
        text: 'The model would be more certain still, often a sign that it knows the training pictures by heart.',
      },
    },
  ],
  headline,
  deciding,
  knowledge,
  details: [
    { label: 'words → picture', name: 'textToImage.recallAt1' },
    { label: 'picture → words', name: 'imageToText.recallAt1' },
  ],
  lossOver: ({ lossPairs }) => (lossPairs === undefined ? null : `batches of ${lossPairs}`),
  uses: () => true,
  predictions: predictionsSchema,
  report: reportSchema,
};
