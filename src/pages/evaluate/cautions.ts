import { count, percent, plural } from '../../components/format';
import { headlineMetric, knowledgeOf } from '../../training/tasks/contrastive/headline';
import type { EvaluationReport } from '../../protocol/protocol';

/** Something about the pictures or the base model that changes what the numbers of a report mean. */
export interface Caution {
  readonly id: 'near-chance' | 'trained-captions';
  readonly title: string;
  readonly text: string;
}

export function cautions(report: EvaluationReport): readonly Caution[] {
  return [nearChance(report), trainedCaptions(report)].filter((caution) => caution !== null);
}

function nearChance({ base }: EvaluationReport): Caution | null {
  if (knowledgeOf(base) !== 'little') return null;
  const { label, of } = headlineMetric(base);
  return {
    id: 'near-chance',
    title: 'The base model does little better than guessing on these pictures.',
    text: `Its ${label} is ${percent(of(base))}. It does not know such pictures or such words, so that all has to be learnt from the training pictures; a base model that knows them would go further.`,
  };
}

function trainedCaptions({ split, base: { gallery }, trained }: EvaluationReport): Caution | null {
  if (split === 'train' || trained.pictures === 0) return null;
  const all = trained.pictures === gallery;
  return {
    id: 'trained-captions',
    title: `${all ? (gallery === 1 ? 'The' : 'All') : count(trained.pictures)} of ${plural(gallery, `${split} picture`)} ${trained.pictures === 1 ? 'carries a caption' : 'carry captions'} that training pictures carry too.`,
    text: `${plural(trained.captions, 'caption is', 'captions are')} in both parts. On them, what is measured is how well known words find new pictures, not new words. To keep pictures with the same caption together, change the split on the Data page.`,
  };
}
