import type { DirectionMetrics, RetrievalMetrics } from '../training/protocol';
import type { ExportFacts } from './facts';
import { count, percent, table } from './markdown';

/**
 * Fewest pictures whose recall is published. Of fewer, one picture is more than two points and chance alone moves a recall by up to 14 points
 * (95 %, at a recall of one half), which says nothing about other pictures.
 */
export const fewestPictures = 50;

/** Metrics of the base model and of the exported weights on the same pictures. */
export interface Results {
  readonly split: 'test' | 'validation';
  readonly base: RetrievalMetrics;
  readonly tuned: RetrievalMetrics;
}

/** Everything that was measured with the exported weights: on the test pictures, then on the validation pictures at the exported step. */
function measured({ run, test }: ExportFacts): Results[] {
  const found: Results[] = [];
  if (test !== null && test.tuned !== null) found.push({ split: 'test', base: test.base, tuned: test.tuned });
  if (run !== null && run.baseline !== null) {
    const ofStep = run.evaluations.find(({ step }) => step === run.weightsStep) ?? run.evaluations.at(-1);
    // No step was better than the base model, so these are its weights.
    const tuned = run.weightsStep === 0 ? run.baseline : ofStep;
    if (tuned !== undefined) found.push({ split: 'validation', base: run.baseline, tuned });
  }
  return found;
}

/** The results that the card gives: of the test pictures where they are many enough, else of the validation pictures; null where neither are. */
export function publishedResults(facts: ExportFacts): Results | null {
  return measured(facts).find(({ tuned }) => tuned.gallery >= fewestPictures) ?? null;
}

/** The card's section on results. */
export function resultsSection(facts: ExportFacts): string {
  const published = publishedResults(facts);
  if (published === null) return withheld(facts);
  const { split, base, tuned } = published;
  const direction = (name: string, before: DirectionMetrics, after: DirectionMetrics): (readonly string[])[] => [
    [`${name} Recall@1`, percent(before.recallAt1), percent(after.recallAt1)],
    [`${name} Recall@5`, percent(before.recallAt5), percent(after.recallAt5)],
    [`${name} Recall@10`, percent(before.recallAt10), percent(after.recallAt10)],
    [`${name} median rank`, String(before.medianRank), String(after.medianRank)],
    [`${name} mean rank`, before.meanRank.toFixed(1), after.meanRank.toFixed(1)],
  ];
  const rows = [
    ...direction('Text → image', base.textToImage, tuned.textToImage),
    ...direction('Image → text', base.imageToText, tuned.imageToText),
    ['Contrastive loss', base.loss.toFixed(3), tuned.loss.toFixed(3)],
  ];
  const chosen =
    split === 'validation' && facts.run?.recipe.restoreBest === true
      ? ' The weights were chosen by these very pictures, so expect a little less on new ones.'
      : '';
  return `## Results\n\nRetrieval among ${count(tuned.gallery)} ${split} pictures, none of which was trained on.${chosen}\n\n${table(
    ['Metric', 'Base model', 'This model'],
    rows,
  )}`;
}

/** Why there are no results where something was measured. */
function withheld(facts: ExportFacts): string {
  const sizes = measured(facts).map(({ split, tuned }) => `${count(tuned.gallery)} ${split}`);
  if (sizes.length === 0) return '';
  return `## Results\n\nNone are given. Only ${sizes.join(' and ')} pictures were measured, and of fewer than ${fewestPictures} a recall says little: chance alone moves it by more than 14 points. Measure on more pictures before you rely on this model.`;
}
