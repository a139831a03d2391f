import type { Dataset } from '../../dataset/types';
import type { EvaluationReport } from '../../protocol/evaluation';
import type { TaskDescription } from '../../tasks/description';
import { compareMeasured } from './compare';
import { groupsOf } from './groups';
import { everyPlace } from './measured';
import { outcomesOf } from './outcomes';
import type { ReportOptions, TaskReport } from './report';
import { slicesOf } from './slices';

/** What a report says whatever the task: metrics with intervals, their differences, and what became of each sample. */
export async function reportedOf(
  found: TaskReport,
  description: Pick<TaskDescription, 'metrics' | 'headline'>,
  dataset: Pick<Dataset, 'columns'>,
  { progress, pause }: Pick<ReportOptions, 'progress' | 'pause'>,
): Promise<
  Pick<EvaluationReport, 'base' | 'tuned' | 'change' | 'intervals' | 'outcomes' | 'slices' | 'about' | 'details'>
> {
  const { samples, base, tuned, tied, classes, about, details } = found;
  progress(tuned === null ? 'Drawing the pictures anew' : 'Comparing them', 0, null);
  const groups = groupsOf(
    samples.map(({ record }) => record),
    dataset,
    tied ?? undefined,
  );
  const compared = await compareMeasured({
    base,
    tuned,
    groups,
    names: description.metrics.map(({ name }) => name),
    pause,
  });
  const places = everyPlace(samples.length);
  return {
    base: base.measure(places),
    tuned: tuned?.measure(places) ?? null,
    change: compared?.change ?? null,
    intervals: compared === null ? null : { base: compared.base, tuned: compared.tuned },
    slices: await slicesOf({ samples, base, tuned, classes, groups }, description, dataset, pause),
    outcomes: outcomesOf(found, new Set(groups).size === samples.length),
    about,
    details,
  };
}
