import { contrastive } from '../../../tasks/contrastive';
import { viewOf } from '../view';
import { cautions, known } from './known';
import { Probes } from './Probes';
import { Report } from './Report';

export const contrastiveView = viewOf(contrastive, {
  Predictions: Probes,
  Report,
  known,
  cautions,
  question: (_, __, words) => ({ kind: 'words', text: words }),
  unable: (split) => `There are no captioned ${split} pictures. Change the split on the Data page.`,
  evaluation: 'Evaluation compares pictures with their captions.',
  evaluating: (pictures) =>
    `Evaluating looks for every picture by its caption, and for every caption by its picture: ${pictures} in all.`,
});
