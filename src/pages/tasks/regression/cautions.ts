import { plural } from '../../../components/format';
import type { EvaluationReport } from '../../../protocol/evaluation';
import type { Caution } from '../../evaluate/cautions';

/** Samples that could not be measured. */
export function cautions({ about }: EvaluationReport): readonly Caution[] {
  const { unlabelled = 0 } = about;
  if (unlabelled === 0) return [];
  return [
    {
      id: 'without-number',
      title: `${plural(unlabelled, 'picture')} of the dataset ${unlabelled === 1 ? 'has' : 'have'} no number.`,
      text: 'Without one a sample takes no part, in training as in evaluation.',
    },
  ];
}
