import { metricText, valueOf, type Interval, type MetricDescription } from '../tasks/metrics';
import type { ClassDifference, SliceScores, Slices } from '../tasks/slices';
import { taskOfFacts, type ExportFacts } from './facts';
import { count, inline, table } from './markdown';
import { fewestPictures } from './results';

/**
 * The card's section on groups: the test results cut by columns of labels and groups, whose values are names that the model or the data goes by anyway.
 * Other columns that cut a report may say who is on a picture, and are left out.
 */
export function groupsSection({ run, test }: Pick<ExportFacts, 'run' | 'test'>): string {
  if (run === null || test === null || test.tuned === null || test.outcomes.samples.length < fewestPictures) return '';
  const headline = taskOfFacts({ run }).headline(test.tuned);
  const told = test.slices.filter((slices) => slices.told);
  if (told.length === 0) return '';
  const reading = `${headline.inFull ?? headline.label} of each group of the test samples, with its 95 % interval where there are enough samples for one. Of groups marked with * there are too few to say: the interval of a share is wider than 30 points, or another number is of fewer than 20 samples.`;
  return ['## By group', reading, ...told.map((slices) => columnPart(slices, headline))].join('\n\n');
}

function columnPart(slices: Slices, headline: MetricDescription): string {
  const rows = slices.groups.map((group) => [
    `${inline(group.name)}${group.tooSmall ? ' *' : ''}`,
    count(group.samples),
    scoreText(group.base, headline),
    group.tuned === null ? '' : scoreText(group.tuned, headline),
  ]);
  const head = [`By ${inline(slices.column)}`, 'Samples', 'Base model', 'This model'];
  return [table(head, rows), [gapText(slices, headline), ...fairnessTexts(slices)].join(' ')].join('\n\n');
}

function scoreText({ metrics, intervals }: SliceScores, headline: MetricDescription): string {
  const interval: Interval | undefined = intervals[headline.name];
  const text = metricText(headline, valueOf(metrics, headline));
  if (interval === undefined) return text;
  const bare = { ...headline, unit: 'number' } as const;
  const scale = headline.unit === 'share' ? 100 : 1;
  return `${text} (${metricText(bare, scale * interval.low)} to ${metricText(bare, scale * interval.high)})`;
}

function gapText({ gaps: { tuned } }: Slices, headline: MetricDescription): string {
  if (tuned === null) return 'Fewer than two groups are large enough to say how far they lie apart.';
  const { worst, best, difference, pValue } = tuned;
  const size =
    headline.unit === 'share'
      ? `${(100 * difference).toFixed(headline.digits)} points`
      : difference.toFixed(headline.digits);
  const chance =
    pValue < 0.05
      ? 'which is more than chance'
      : `which chance alone would bring about in ${Math.ceil(100 * pValue)} of 100 cases`;
  return `The worst group (${inline(worst)}) and the best (${inline(best)}) lie ${size} apart, ${chance}.`;
}

function fairnessTexts({ fairness }: Slices): readonly string[] {
  const tuned = fairness?.tuned ?? null;
  if (tuned === null) return [];
  const line = (name: string, found: ClassDifference | null): readonly string[] =>
    found === null
      ? []
      : [
          `${name}: ${found.difference.toFixed(3)} (class ${inline(found.class)}, ${inline(found.lowest)} against ${inline(found.highest)}).`,
        ];
  return [
    ...line('Demographic parity difference', tuned.demographicParity),
    ...line('Equalised odds difference', tuned.equalisedOdds),
  ];
}
