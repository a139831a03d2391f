import { count, plural } from '../../components/format';
import type { EvaluationReport } from '../../protocol/protocol';
import { intervalText, signed } from '../runs/result';

/** What one needs to know to read a report, in sentences that each stand for themselves. */
export function readingAid({ base, tuned, change, split, shared }: EvaluationReport): readonly string[] {
  const captions = base.captions ?? base.gallery;
  const sentences = [
    'Recall@1 is how often the right one comes first, Recall@5 and Recall@10 how often it is among the first five or ten.',
    `Searched are ${plural(base.gallery, `${split} picture`)} with ${plural(captions, 'distinct caption')}.${sharing(shared)}`,
    `One caption more or less is ${points(captions)} points of recall from words to pictures, one picture ${points(base.gallery)} points from pictures to words.${guess(base)}`,
  ];
  const loss = `Contrastive loss${base.lossPairs === null ? '' : `, over batches of ${plural(base.lossPairs, 'pair')}`}: ${base.loss.toFixed(3)}`;
  if (tuned === null) return [...sentences, `${loss}.`];
  const moved = signed(tuned.loss - base.loss, 3);
  const interval = change === null ? '' : `, 95 % interval ${intervalText(change.loss, 1, 3)}`;
  return [...sentences, `${loss} → ${tuned.loss.toFixed(3)} (${moved}${interval}).`, howJudged(change)];
}

function sharing({ captions, most }: EvaluationReport['shared']): string {
  if (captions === 0) return '';
  const many =
    captions === 1
      ? `One caption is on ${plural(most, 'picture')}`
      : `${count(captions)} captions are on several pictures, up to ${count(most)}`;
  return ` ${many}: any picture that carries a caption is right for it.`;
}

function guess({ guess: guessed }: EvaluationReport['base']): string {
  if (guessed === null) return '';
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const [words, pictures] = [percent(guessed.textToImage.recallAt1), percent(guessed.imageToText.recallAt1)];
  return words === pictures
    ? ` Guessing would reach a Recall@1 of ${words}.`
    : ` Guessing would reach a Recall@1 of ${words} from words to pictures and ${pictures} from pictures to words.`;
}

function howJudged(change: EvaluationReport['change']): string {
  return change === null
    ? 'There are too few captions to tell changes from chance, so none is called better or worse.'
    : `A change stands in bold and colour where its 95 % interval leaves out 0; otherwise it may be chance. The intervals come from drawing the ${plural(change.groups, 'caption')}, each with all its pictures, 2,000 times anew.`;
}

function points(of: number): string {
  return (100 / of).toFixed(1);
}
