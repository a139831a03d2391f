import { mcnemar } from '../../metrics/mcnemar';
import type { Outcomes, Turned } from '../../tasks/outcomes';
import { everyPlace, type Measured } from './measured';
import type { TaskReport } from './report';

/** What became of each sample, and which of them were fixed and broken. @param separate whether each sample is evidence of its own */
export function outcomesOf({ samples, base, tuned }: TaskReport, separate: boolean): Outcomes {
  const of = (measured: Measured): Outcomes['base'] =>
    everyPlace(samples.length).map((place) => measured.outcome(place));
  const before = of(base);
  const after = tuned === null ? null : of(tuned);
  return {
    samples: samples.map(({ record, asked, wanted }) => ({
      imageId: record.id,
      ...(asked === undefined ? {} : { asked }),
      wanted,
    })),
    base: before,
    tuned: after,
    turned: after === null ? null : turnedBetween(before, after, separate),
  };
}

/** How many samples turned right and wrong; null where there is no right and wrong. */
export function turnedBetween(before: Outcomes['base'], after: Outcomes['base'], separate: boolean): Turned | null {
  if (before.some(({ right }) => right === null)) return null;
  const fixed = before.filter(({ right }, place) => right === false && after[place]?.right === true).length;
  const broken = before.filter(({ right }, place) => right === true && after[place]?.right === false).length;
  return { fixed, broken, pValue: separate ? mcnemar(fixed, broken) : null };
}
