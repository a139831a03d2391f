import { taskPart } from '../../../recipe/fields';
import type { RegressionReport } from '../../../tasks/regression/predictions';
import { numberText } from '../../../tasks/regression/numbers';
import { StudioError } from '../../../protocol/errors';
import { taughtOf } from '../../data/taught-view';
import { judgeBoth } from '../heads/judge-both';
import type { ReportOptions, TaskReport } from '../report';
import { numberGoal, type JudgedNumbers } from './number-goal';

/** Numbers of some samples: the mean of the training samples against the trained head. */
export async function regressionReport(options: ReportOptions): Promise<TaskReport> {
  const part = taskPart(options.recipe, 'regression');
  const view = taughtOf(options.view);
  const goal = numberGoal({ view, part, scales: options.scales });
  const samples = options.images.filter((sample) => goal.known(sample));
  if (samples.length === 0) {
    throw new StudioError(
      'mismatch',
      'None of these pictures has a number of the kind that the run gives. Evaluate it on pictures with the same columns.',
    );
  }
  const { before, after } = await judgeBoth(options, view, samples, { goal, part });
  const { scales } = before.scores;
  const records = samples.flatMap((sample) => view.images[sample] ?? []);
  const at = ({ scores }: JudgedNumbers, place: number): readonly number[] =>
    scales.map((_, column) => scores.values[place * scales.length + column] ?? NaN);
  const wanted = (place: number): readonly (number | null)[] =>
    scales.map((_, column) => {
      const value = before.scores.wanted[place * scales.length + column] ?? NaN;
      return Number.isNaN(value) ? null : value;
    });
  return {
    samples: records.map((record, place) => ({
      record,
      wanted: wanted(place)
        .map((value, column) => {
          const text = value === null ? 'unknown' : numberText(value);
          return scales.length === 1 ? text : `${scales[column]?.name ?? ''} ${text}`;
        })
        .join(', '),
    })),
    tied: null,
    classes: null,
    base: before.measured,
    tuned: after?.measured ?? null,
    about: { unlabelled: view.unlabelled, unknown: options.images.length - samples.length },
    details: {
      names: scales.map(({ name }) => name),
      points: records.map(({ id }, place) => ({
        imageId: id,
        wanted: wanted(place),
        base: at(before, place),
        tuned: after === null ? null : at(after, place),
      })),
    } satisfies RegressionReport,
  };
}
