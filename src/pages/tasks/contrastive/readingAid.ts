import { count, plural } from '../../../components/format';
import type { EvaluationReport } from '../../../protocol/evaluation';
import { lossMetric, picturesMetric, type MetricChanges, type Metrics } from '../../../tasks/metrics';
import { intervalText, signed } from '../../runs/result';

/** What one needs to know to read a report, in sentences that each stand for themselves. */
export function readingAid({ base, tuned, change, split, about }: EvaluationReport): readonly string[] {
  const { [picturesMetric]: pictures = NaN, [lossMetric]: lossBefore = NaN, lossPairs } = base;
  const captions = base['captions'] ?? pictures;
  const sentences = [
    'Recall@1 is how often the right one comes first, Recall@5 and Recall@10 how often it is among the first five or ten.',
    `Searched are ${plural(pictures, `${split} picture`)} with ${plural(captions, 'distinct caption')}.${sharing(about)}`,
    `One caption more or less is ${points(captions)} points of recall from words to pictures, one picture ${points(pictures)} points from pictures to words.${guess(base)}`,
  ];
  const loss = `Contrastive loss${lossPairs === undefined ? '' : `, over batches of ${plural(lossPairs, 'pair')}`}: ${lossBefore.toFixed(3)}`;
  if (tuned === null) return [...sentences, `${loss}.`];
  const lossAfter = tuned[lossMetric] ?? NaN;
  const moved = signed(lossAfter - lossBefore, 3);
  const bounds = change?.intervals[lossMetric];
  const interval = bounds === undefined ? '' : `, 95 % interval ${intervalText(bounds, 1, 3)}`;
  return [...sentences, `${loss} → ${lossAfter.toFixed(3)} (${moved}${interval}).`, howJudged(change)];
}

function sharing({ sharedCaptions: captions = 0, mostShared: most = 0 }: Metrics): string {
  if (captions === 0) return '';
  const many =
    captions === 1
      ? `One caption is on ${plural(most, 'picture')}`
      : `${count(captions)} captions are on several pictures, up to ${count(most)}`;
  return ` ${many}: any picture that carries a caption is right for it.`;
}

function guess({ 'guess.textToImage.recallAt1': ofWords, 'guess.imageToText.recallAt1': ofPictures }: Metrics): string {
  if (ofWords === undefined || ofPictures === undefined) return '';
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const [words, pictures] = [percent(ofWords), percent(ofPictures)];
  return words === pictures
    ? ` Guessing would reach a Recall@1 of ${words}.`
    : ` Guessing would reach a Recall@1 of ${words} from words to pictures and ${pictures} from pictures to words.`;
}

function howJudged(change: MetricChanges | null): string {
  return change === null
    ? 'There are too few captions to tell changes from chance, so none is called better or worse.'
    : `A change stands in bold and colour where its 95 % interval leaves out 0; otherwise it may be chance. The intervals come from drawing the ${plural(change.groups, 'caption')}, each with all its pictures, 2,000 times again; p is how likely so large a change would be by chance.`;
}

function points(of: number): string {
  return (100 / of).toFixed(1);
}
