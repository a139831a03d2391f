import { labelCounts, precisionRecall } from '../../../metrics/classification';
import { auroc, averagePrecision } from '../../../metrics/ranking';
import type { LabelFigures } from '../../../tasks/classification/predictions';
import type { LabelScores } from './label-scores';
import { rankedBy } from './rankings';

/** What is measured of each label by itself, where samples may have several. */
export function labelFigures(
  { labels, probabilities, wanted, said }: LabelScores,
  names: readonly string[],
): readonly LabelFigures[] {
  const ranked = rankedBy(probabilities, labels, (sample, label) => wanted[sample * labels + label] === 1);
  return labelCounts(labels, wanted, said).map((counts, label) => ({
    label: names[label] ?? '',
    pictures: counts.support,
    ...precisionRecall(counts),
    auroc: orNull(auroc(ranked[label]!)),
    averagePrecision: orNull(averagePrecision(ranked[label]!)),
  }));
}

/** A label that no sample has, or all have, puts none before others. */
function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
