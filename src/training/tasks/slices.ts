import { isFieldColumn, textIn } from '../../dataset/columns';
import type { Column, Dataset } from '../../dataset/types';
import { demographicParityDifference, equalisedOddsDifference, type GroupDifference } from '../../metrics/fairness';
import type { TaskDescription } from '../../tasks/description';
import { valueOf, type MetricDescription } from '../../tasks/metrics';
import { tooSmall, type ClassDifference, type Fairness, type Gap, type Slice, type Slices } from '../../tasks/slices';
import { createRandom, shuffled } from '../random';
import { compareMeasured } from './compare';
import { everyPlace, partOf, type Measured } from './measured';
import type { TaskReport } from './report';

/** How a report is cut by the columns of its dataset. */

/** Distinct values of a column that cuts without being one of labels or groups. */
const mostValues = 20;
/** Groups shown of a column, the largest; and columns that cut, labels and groups first. */
const mostGroups = 30;
const mostColumns = 8;
/** Fewest samples of a kind in a group that an error rate is taken of. */
const leastOfKind = 5;
const resamples = 1000;
/** Of more samples, only metrics that are means have intervals by group: others are measured anew at every draw. */
const mostMeasuredAnew = 2000;
const permutations = 500;
const seed = 20_260_102;

interface SlicedReport extends Pick<TaskReport, 'samples' | 'base' | 'tuned' | 'classes'> {
  /** Per sample, the number of what it is drawn with. */
  readonly groups: Int32Array;
}

/** A column with the value of each sample; null where it says nothing of it. */
interface Cut {
  readonly name: string;
  readonly told: boolean;
  readonly cutsClasses: boolean;
  readonly values: readonly (string | null)[];
}

/**
 * The report cut by every column that can: those of labels and groups, and those with few distinct values.
 *
 * @param pause awaited now and then; throwing in it ends the work
 */
export async function slicesOf(
  report: SlicedReport,
  description: Pick<TaskDescription, 'metrics' | 'headline'>,
  dataset: Pick<Dataset, 'columns'>,
  pause?: () => Promise<void>,
): Promise<readonly Slices[]> {
  const headline = description.headline((report.tuned ?? report.base).measure(everyPlace(report.samples.length)));
  const found: Slices[] = [];
  for (const cut of cutsOf(report, dataset).slice(0, mostColumns)) {
    found.push(
      await cutBy(
        cut,
        report,
        description.metrics.map(({ name }) => name),
        headline,
        pause,
      ),
    );
  }
  return found;
}

function cutsOf({ samples, classes }: SlicedReport, { columns }: Pick<Dataset, 'columns'>): readonly Cut[] {
  const wanted = new Set(classes);
  const ofColumn = (column: Column): Cut => {
    const values = samples.map(({ record }) => textIn(record, column)?.trim() || null);
    const told = column.role === 'label' || column.role === 'group';
    const cutsClasses = values.every((value, place) => value === null || samples[place]?.wanted === value);
    return { name: column.name, told, cutsClasses: wanted.size > 0 && cutsClasses, values };
  };
  const asked = samples.map(({ asked: question }) => question ?? null);
  const all = [
    ...columns.filter(isFieldColumn).map(ofColumn),
    { name: 'question', told: false, cutsClasses: false, values: asked },
  ];
  const cuts = all.filter(({ told, values }) => {
    const distinct = new Set(values.filter((value) => value !== null)).size;
    return distinct >= 2 && (told || (distinct <= mostValues && distinct <= samples.length / 4));
  });
  return cuts.sort((a, b) => Number(b.told) - Number(a.told));
}

async function cutBy(
  { name, told, cutsClasses, values }: Cut,
  report: SlicedReport,
  names: readonly string[],
  headline: MetricDescription,
  pause?: () => Promise<void>,
): Promise<Slices> {
  const placesOf = new Map<string, number[]>();
  values.forEach((value, place) => {
    if (value === null) return;
    const places = placesOf.get(value) ?? [];
    placesOf.set(value, places);
    places.push(place);
  });
  const all = [...placesOf].sort(([a, of], [b, others]) => others.length - of.length || (a < b ? -1 : 1));
  const shown = all.slice(0, mostGroups);
  const groups: Slice[] = [];
  for (const [group, places] of shown) groups.push(await sliceOf(group, places, report, names, headline, pause));
  const large = shown.filter((_, index) => groups[index]?.tooSmall === false);
  await pause?.();
  const gap = (measured: Measured | null): Gap | null =>
    measured === null || large.length < 2 ? null : gapOf(large, measured, headline);
  return {
    column: name,
    told,
    groups,
    without: values.filter((value) => value === null).length,
    others: all.slice(mostGroups).reduce((sum, [, places]) => sum + places.length, 0),
    gaps: { base: gap(report.base), tuned: gap(report.tuned) },
    fairness: cutsClasses ? null : fairnessOf(large, report),
  };
}

async function sliceOf(
  name: string,
  places: readonly number[],
  { base, tuned, groups }: SlicedReport,
  names: readonly string[],
  headline: MetricDescription,
  pause?: () => Promise<void>,
): Promise<Slice> {
  const [before, after] = [partOf(base, places), tuned === null ? null : partOf(tuned, places)];
  const found = await compareMeasured({
    base: before,
    tuned: after,
    groups: renumbered(places.map((place) => groups[place] ?? place)),
    names: names.filter((metric) => groups.length <= mostMeasuredAnew || Object.hasOwn(base.means, metric)),
    pause,
    resamples,
  });
  const own = everyPlace(places.length);
  const described = (measured: Measured) => {
    const metrics = measured.measure(own);
    return Object.fromEntries(
      names.flatMap((metric) => (metrics[metric] === undefined ? [] : [[metric, metrics[metric]]])),
    );
  };
  const judged = (found?.tuned ?? found?.base)?.[headline.name];
  return {
    name,
    samples: places.length,
    base: { metrics: described(before), intervals: found?.base ?? {} },
    tuned: after === null ? null : { metrics: described(after), intervals: found?.tuned ?? {} },
    change: found?.change ?? null,
    tooSmall: tooSmall(headline.unit, places.length, judged),
  };
}

/** Numbers from 0 without gaps. */
function renumbered(groups: readonly number[]): Int32Array {
  const numbers = new Map<number, number>();
  return Int32Array.from(groups, (group) => {
    const number = numbers.get(group) ?? numbers.size;
    numbers.set(group, number);
    return number;
  });
}

type Group = readonly [name: string, places: readonly number[]];

/** The gap between the best and the worst group, and how often it is as large when samples are dealt out to the groups anew. */
function gapOf(groups: readonly Group[], measured: Measured, headline: MetricDescription): Gap {
  const value = valueBy(measured, headline);
  const sorted = groups
    .map(([name, places]) => ({ name, score: (headline.better === 'more' ? 1 : -1) * value(places) }))
    .sort((a, b) => a.score - b.score);
  const [worst, best] = [sorted[0]!, sorted.at(-1)];
  const difference = best.score - worst.score;
  const random = createRandom(seed);
  const all = groups.flatMap(([, places]) => places);
  let asLarge = 0;
  for (let round = 0; round < permutations; round++) {
    const dealt = shuffled(all, random);
    let at = 0;
    const scores = groups.map(([, { length }]) => value(dealt.slice(at, (at += length))));
    if (Math.max(...scores) - Math.min(...scores) >= difference - 1e-12) asLarge++;
  }
  return { worst: worst.name, best: best.name, difference, pValue: (asLarge + 1) / (permutations + 1) };
}

/** The metric of some samples; a mean needs no measuring. */
function valueBy(measured: Measured, headline: MetricDescription): (places: readonly number[]) => number {
  const means = measured.means[headline.name];
  if (means === undefined) return (places) => valueOf(measured.measure(places), headline);
  return (places) => {
    const values = means.map(({ sums, counts }) => {
      let [sum, count] = [0, 0];
      for (const place of places) {
        sum += sums[place]!;
        count += counts[place]!;
      }
      return sum / count;
    });
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
}

function fairnessOf(groups: readonly Group[], { base, tuned, classes, samples }: SlicedReport): Slices['fairness'] {
  if (classes === null || groups.length < 2) return null;
  const placeOf = new Map(classes.map((name, place) => [name, place]));
  const places = groups.flatMap(([, own]) => own);
  const groupOf = groups.flatMap(([, own], group) => own.map(() => group));
  const wanted = places.map((place) => placeOf.get(samples[place]?.wanted ?? '') ?? -1);
  const named = (found: GroupDifference | null): ClassDifference | null =>
    found === null
      ? null
      : {
          difference: found.difference,
          class: classes[found.of] ?? '',
          lowest: groups[found.lowest]?.[0] ?? '',
          highest: groups[found.highest]?.[0] ?? '',
        };
  const of = (measured: Measured): Fairness => {
    const said = places.map((place) => placeOf.get(measured.outcome(place).said) ?? -1);
    return {
      demographicParity: named(demographicParityDifference(groupOf, said, classes.length)),
      equalisedOdds: named(equalisedOddsDifference(groupOf, wanted, said, classes.length, leastOfKind)),
    };
  };
  return { base: of(base), tuned: tuned === null ? null : of(tuned) };
}
