import type { CardRow } from '../tasks/card';
import { picturesMetric, type Interval, type MetricChanges, type Metrics } from '../tasks/metrics';
import { cardOf, type ExportFacts } from './facts';
import { count, percent, table } from './markdown';

/**
 * Fewest pictures whose recall is published. Of fewer, one picture is more than two points and chance alone moves a recall by up to 14 points
 * (95 %, at a recall of one half), which says nothing about other pictures.
 */
export const fewestPictures = 50;

/** Metrics of the base model and of the exported weights on the same pictures. */
export interface Results {
  readonly split: 'test' | 'validation';
  readonly base: Metrics;
  readonly tuned: Metrics;
  /** Null where there are too few pictures to tell. */
  readonly change: MetricChanges | null;
  /** What there is to know of the pictures; nothing where it was not counted. */
  readonly about: Metrics;
}

/** Everything that was measured with the exported weights: on the test pictures, then on the validation pictures at the exported step. */
function measured({ run, test }: ExportFacts): Results[] {
  const found: Results[] = [];
  if (test !== null && test.tuned !== null) {
    const { base, tuned, change, about } = test;
    found.push({ split: 'test', base, tuned, change, about });
  }
  // At step 0 nothing was changed that could be compared.
  if (run !== null && run.baseline !== null && run.weightsStep !== 0) {
    const tuned = run.evaluations.find(({ step }) => step === run.weightsStep) ?? run.evaluations.at(-1);
    if (tuned !== undefined) {
      const { metrics, change } = tuned;
      found.push({ split: 'validation', base: run.baseline, tuned: metrics, change, about: {} });
    }
  }
  return found;
}

/** The results that the card gives: of the test pictures where they are many enough, else of the validation pictures; null where neither are. */
export function publishedResults(facts: ExportFacts): Results | null {
  return measured(facts).find(({ tuned }) => picturesOf(tuned) >= fewestPictures) ?? null;
}

/** The card's section on results. */
export function resultsSection(facts: ExportFacts): string {
  const published = publishedResults(facts);
  if (published === null) return withheld(facts);
  const { split, base, tuned, change, about: counted } = published;
  const card = cardOf(facts);
  const rows = card
    .rows(tuned)
    .map((row) => [
      row.label,
      valueText(row, base),
      valueText(row, tuned),
      bounds(change?.intervals[row.name], row.unit === 'share' ? 100 : 1, row.boundDigits),
    ]);
  const chosen =
    split === 'validation' && facts.run?.recipe.restoreBest === true
      ? ' The weights were chosen by these very pictures, so expect a little less on new ones.'
      : '';
  const known = card.known(counted, picturesOf(tuned));
  const about = `${card.measured(split, tuned)} None of the pictures was trained on.${known === '' ? '' : ` ${known}`}${chosen}`;
  if (change === null) {
    const plain = rows.map((row) => row.slice(0, 3));
    return `## Results\n\n${about}\n\n${table(['Metric', 'Base model', 'This model'], plain)}`;
  }
  const reading = `The last column is the 95 % interval of the change (percentage points for ${card.inPoints}), from a paired bootstrap over ${card.resampled(change.groups)}. Where it holds 0, the change may be chance.`;
  return `## Results\n\n${about}\n\n${table(['Metric', 'Base model', 'This model', 'Change, 95 %'], rows)}\n\n${reading}`;
}

function picturesOf(metrics: Metrics): number {
  return metrics[picturesMetric] ?? 0;
}

function valueText({ name, unit, digits }: CardRow, metrics: Metrics): string {
  const value = metrics[name] ?? NaN;
  if (unit === 'share') return percent(value);
  return digits === null ? String(value) : value.toFixed(digits);
}

/** `+0.8 to +7.4`. */
function bounds(interval: Interval | undefined, scale: number, digits: number): string {
  if (interval === undefined) return '';
  const signed = (value: number): string => {
    const text = (scale * value).toFixed(digits);
    if (Number(text) === 0) return '0';
    return Number(text) > 0 ? `+${text}` : `−${text.slice(1)}`;
  };
  return `${signed(interval.low)} to ${signed(interval.high)}`;
}

/** Why there are no results where something was measured. */
function withheld(facts: ExportFacts): string {
  const sizes = measured(facts).map(({ split, tuned }) => `${count(picturesOf(tuned))} ${split}`);
  if (sizes.length === 0) return '';
  return `## Results\n\nNone are given. Only ${sizes.join(' and ')} pictures were measured, and of fewer than ${fewestPictures} a recall says little: chance alone moves it by more than 14 points. Measure on more pictures before you rely on this model.`;
}
