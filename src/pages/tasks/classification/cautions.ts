import { plural } from '../../../components/format';
import type { EvaluationReport } from '../../../protocol/evaluation';
import type { Caution } from '../../evaluate/cautions';

/** Pictures that could not be measured. */
export function cautions({ about }: EvaluationReport): readonly Caution[] {
  const { unlabelled = 0, unknown = 0 } = about;
  return [
    ...(unlabelled === 0
      ? []
      : [
          {
            id: 'unlabelled',
            title: `${plural(unlabelled, 'picture')} of the dataset ${unlabelled === 1 ? 'has' : 'have'} no label.`,
            text: 'Without one a picture takes no part, in training as in evaluation.',
          },
        ]),
    ...(unknown === 0
      ? []
      : [
          {
            id: 'unknown-classes',
            title: `${plural(unknown, 'picture')} ${unknown === 1 ? 'is' : 'are'} of classes that the run does not know.`,
            text: 'They are left out: its head cannot take them for what they are.',
          },
        ]),
  ];
}
