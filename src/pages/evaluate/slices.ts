import { count, plural } from '../../components/format';
import type { MetricDescription } from '../../tasks/metrics';
import { fewestSamples, widestShare, type ClassDifference, type Gap, type Slices } from '../../tasks/slices';

/** What there is to say of a report that is cut by a column, in sentences that each stand for themselves. */

/** A p-value: `0.034`, `< 0.002`. @param least the smallest that could have come out */
export function pText(pValue: number, least = 0.001): string {
  if (pValue <= least) return `< ${least}`;
  return pValue >= 0.1 ? pValue.toFixed(2) : pValue.toPrecision(2);
}

/** A difference of a metric without its sign: `12.3 points`, `0.41`. */
function differenceText({ unit, digits }: MetricDescription, difference: number): string {
  return unit === 'share' ? `${(100 * difference).toFixed(digits)} points` : difference.toFixed(digits);
}

/** How far the best group lies from the worst, and whether that is more than chance. */
export function gapText(slices: Slices, headline: MetricDescription): string {
  const { base, tuned } = slices.gaps;
  const judged = tuned ?? base;
  if (judged === null) {
    return 'Fewer than two groups are large enough to say how far they lie apart.';
  }
  const before =
    tuned !== null && base !== null ? ` With the base model it is ${differenceText(headline, base.difference)}.` : '';
  return `From the worst group (${judged.worst}) to the best (${judged.best}) the gap in ${headline.label} is ${differenceText(headline, judged.difference)}. ${chanceText(judged)}${before}`;
}

/** What is likely if it made no difference who belongs to which group. */
function chanceText({ pValue }: Gap): string {
  const cases = Math.ceil(100 * pValue);
  return pValue < 0.05
    ? `So large a gap would come about by chance in at most ${cases} of 100 cases: the groups do differ.`
    : `So large a gap would come about by chance in ${cases} of 100 cases, so it may mean nothing.`;
}

/** What classes are said of which groups; empty where there is nothing to say. */
export function fairnessTexts({ fairness }: Slices): readonly string[] {
  if (fairness === null) return [];
  const { base, tuned } = fairness;
  const judged = tuned ?? base;
  const line = (
    title: string,
    meaning: (found: ClassDifference) => string,
    of: (kind: typeof base) => ClassDifference | null,
  ): readonly string[] => {
    const found = of(judged);
    if (found === null) return [];
    const before = tuned === null ? null : of(base);
    const was = before === null ? '' : ` With the base model: ${(100 * before.difference).toFixed(1)}.`;
    return [`${title}: ${(100 * found.difference).toFixed(1)} points. ${meaning(found)}${was}`];
  };
  return [
    ...line(
      'Demographic parity difference',
      (found) =>
        `“${found.class}” is said that much more often of ${found.highest} than of ${found.lowest}. That may be as it should, where the groups do hold different classes.`,
      ({ demographicParity }) => demographicParity,
    ),
    ...line(
      'Equalised odds difference',
      (found) =>
        `Whether “${found.class}” is said, rightly or wrongly, depends that much on being of ${found.highest} or of ${found.lowest}. It would be 0 if errors were as likely in every group.`,
      ({ equalisedOdds }) => equalisedOdds,
    ),
  ];
}

/** What keeps groups from being told, and what takes no part. */
export function limitTexts({ groups, without, others }: Slices, { unit }: MetricDescription): readonly string[] {
  const small = groups.filter((group) => group.tooSmall).length;
  const rule =
    unit === 'share'
      ? `their 95 % interval is wider than ${Math.round(100 * widestShare)} points`
      : `they have fewer than ${fewestSamples} samples`;
  const said = [
    ...(small === 0
      ? []
      : [
          `${small === 1 ? 'One group is' : `${count(small)} groups are`} too small to say (grey): ${rule}, or there are too few for one.`,
        ]),
    ...(without === 0 ? [] : [`The column says nothing of ${plural(without, 'sample')}.`]),
    ...(others === 0 ? [] : [`${plural(others, 'sample')} of smaller groups are left out.`]),
  ];
  return said;
}
