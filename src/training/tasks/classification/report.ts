import { taskPart } from '../../../recipe/fields';
import type { ClassificationReport } from '../../../tasks/classification/predictions';
import { StudioError } from '../../../protocol/errors';
import { taughtOf } from '../../data/taught-view';
import { judgeBoth } from '../heads/judge-both';
import type { ReportOptions, TaskReport } from '../report';
import { calibrationIn } from './calibrated';
import { classGoal } from './class-goal';
import { labelFigures } from './label-figures';
import { confusionOf, reliabilityOf } from './scores';
import { setGoal } from './set-goal';

/** Classification of some samples: the base model by the classes in words, against the trained head. */
export async function classificationReport(options: ReportOptions): Promise<TaskReport> {
  const part = taskPart(options.recipe, 'classification');
  const view = taughtOf(options.view);
  const calibration = calibrationIn(options.kept);
  const common = { view, part, labels: options.labels, calibration };
  const known = (goal: { readonly known: (sample: number) => boolean }): readonly number[] => {
    const samples = options.images.filter((sample) => goal.known(sample));
    if (samples.length > 0) return samples;
    throw new StudioError(
      'mismatch',
      'None of these pictures is of a class that the run tells apart. Evaluate it on pictures of the same classes.',
    );
  };
  const about = (samples: readonly number[]) => ({
    unlabelled: view.unlabelled,
    unknown: options.images.length - samples.length,
  });
  if (part.labelKind === 'several') {
    const goal = setGoal(common);
    const samples = known(goal);
    const { before, after } = await judgeBoth(options, view, samples, { goal, part });
    return {
      samples: samples.flatMap((sample) => {
        const record = view.images[sample];
        return record === undefined ? [] : [{ record, wanted: (view.labels[sample] ?? []).join(', ') }];
      }),
      tied: null,
      classes: null,
      base: before.measured,
      tuned: after?.measured ?? null,
      about: about(samples),
      details: {
        base: null,
        tuned: null,
        unlabelled: view.unlabelled,
        labels: {
          base: labelFigures(before.scores, goal.labels),
          tuned: after === null ? null : labelFigures(after.scores, goal.labels),
        },
      } satisfies ClassificationReport,
    };
  }
  const goal = classGoal(common);
  const samples = known(goal);
  const { before, after } = await judgeBoth(options, view, samples, { goal, part });
  const { labels } = goal;
  const records = samples.flatMap((sample) => view.images[sample] ?? []);
  const ids = records.map(({ id }) => id);
  return {
    samples: records.map((record, place) => ({ record, wanted: labels[before.scores.targets[place] ?? -1] ?? '' })),
    tied: null,
    classes: labels,
    base: before.measured,
    tuned: after?.measured ?? null,
    about: about(samples),
    details: {
      base: confusionOf(before.scores, labels, ids),
      tuned: after === null ? null : confusionOf(after.scores, labels, ids),
      unlabelled: view.unlabelled,
      reliability: {
        base: reliabilityOf(before.scores),
        tuned: after === null ? null : reliabilityOf(after.scores),
      },
    } satisfies ClassificationReport,
  };
}
