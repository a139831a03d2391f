import { infoOf, showValue } from '../../recipe/describe';
import { withFields, type RecipeKey } from '../../recipe/fields';
import { reached } from '../../sweeps/course';
import { valueText } from '../../sweeps/fields';
import { placeOf } from '../../sweeps/importance/importance';
import { measuredBy } from '../../sweeps/objective';
import type { Sweep, SweptField } from '../../sweeps/types';
import { metricText, type MetricDescription } from '../../tasks/metrics';

/** Parallel coordinates of a sweep as plain numbers: an upright axis for each field and one for the score, and a line for each trial. */

export interface Axis {
  readonly id: RecipeKey | 'score';
  readonly label: string;
  /** Where values stand, 0 at the foot and 1 at the head. */
  readonly ticks: readonly { readonly place: number; readonly text: string }[];
}

export interface TrialLine {
  /** Of the trial, from 0. */
  readonly number: number;
  /** Its place on each axis. */
  readonly places: readonly number[];
  /** 0 for the worst score, 1 for the best. */
  readonly goodness: number;
}

/** Shows its middle too. */
const halfway = 0.5;

/** The axes of a sweep, the score last; none before something was measured. */
export function axesOf(sweep: Sweep): readonly Axis[] {
  const metric = measuredBy(sweep);
  const span = scoreSpan(sweep);
  if (metric === null || span === null) return [];
  const fields = sweep.fields.map((field) => ({
    id: field.key,
    label: infoOf(field.key, sweep.recipe).label,
    ticks: ticksOf(field, sweep),
  }));
  const [worst, best] = span;
  const middle = (worst + best) / 2;
  const values =
    worst === best
      ? [{ place: halfway, value: worst }]
      : [
          { place: 0, value: worst },
          { place: halfway, value: middle },
          { place: 1, value: best },
        ];
  const ticks = values.map(({ place, value }) => ({ place, text: metricText(metric, value) }));
  return [...fields, { id: 'score', label: metric.label, ticks }];
}

function ticksOf({ key, range }: SweptField, { recipe }: Sweep): Axis['ticks'] {
  if (range.kind === 'choice') {
    return [...new Set(range.values)].map((value) => ({
      place: placeOf(range, value),
      text: valueText(key, value, recipe),
    }));
  }
  const { min, max, scale, whole } = range;
  const exact = scale === 'log' ? Math.sqrt(min * max) : (min + max) / 2;
  const middle = whole ? Math.round(exact) : Number(exact.toPrecision(2));
  const values = [...new Set([min, middle, max])];
  return values.map((value) => ({
    place: placeOf(range, value),
    text: showValue(key, withFields(recipe, { [key]: value })),
  }));
}

/** Lines of the trials that have a score, the best last, so that it lies above the others. */
export function linesOf(sweep: Sweep): readonly TrialLine[] {
  const span = scoreSpan(sweep);
  if (span === null) return [];
  const [worst, best] = span;
  return sweep.trials
    .flatMap((trial, number) => {
      const score = reached(trial);
      if (score === null) return [];
      const goodness = worst === best ? halfway : (score - worst) / (best - worst);
      const places = sweep.fields.map(({ key, range }) => placeOf(range, trial.values[key]));
      return [{ number, places: [...places, goodness], goodness }];
    })
    .sort((one, other) => one.goodness - other.goodness);
}

/** The worst and the best score; null where there is none. */
function scoreSpan(sweep: Sweep): readonly [worst: number, best: number] | null {
  const metric: MetricDescription | null = measuredBy(sweep);
  const scores = sweep.trials.map(reached).filter((score) => score !== null);
  if (metric === null || scores.length === 0) return null;
  const [low, high] = [Math.min(...scores), Math.max(...scores)];
  return metric.better === 'more' ? [low, high] : [high, low];
}
