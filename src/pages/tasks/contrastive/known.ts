import { count, plural } from '../../../components/format';
import type { EvaluationReport } from '../../../protocol/evaluation';
import { picturesMetric, type Metrics } from '../../../tasks/metrics';
import type { Caution } from '../../evaluate/cautions';

/** What is said of test pictures whose captions were trained on with others: `36 carry captions that were trained on`. */
export function known({ trainedPictures = 0 }: Metrics, pictures: number): string {
  if (trainedPictures === 0) return '';
  const which = trainedPictures === pictures ? 'all' : count(trainedPictures);
  return `${which} ${trainedPictures === 1 ? 'carries a caption' : 'carry captions'} that ${trainedPictures === 1 ? 'was' : 'were'} trained on`;
}

/** The same as a caution of a report. */
export function cautions({ split, base, about }: EvaluationReport): readonly Caution[] {
  const { [picturesMetric]: pictures = NaN } = base;
  const { trainedPictures = 0, trainedCaptions = 0 } = about;
  if (split === 'train' || trainedPictures === 0) return [];
  const all = trainedPictures === pictures;
  return [
    {
      id: 'trained-captions',
      title: `${all ? (pictures === 1 ? 'The' : 'All') : count(trainedPictures)} of ${plural(pictures, `${split} picture`)} ${trainedPictures === 1 ? 'carries a caption' : 'carry captions'} that training pictures carry too.`,
      text: `${plural(trainedCaptions, 'caption is', 'captions are')} in both parts. On them, what is measured is how well known words find new pictures, not new words. To keep pictures with the same caption together, change the split on the Data page.`,
    },
  ];
}
