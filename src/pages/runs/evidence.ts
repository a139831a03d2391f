import type { DataEvidence, Evidence } from '../../adviser/evidence';
import { captionKey } from '../../dataset/caption-groups';
import { columnsWithRole, labelsOf, textIn } from '../../dataset/columns';
import type { Dataset, SampleRecord } from '../../dataset/types';
import { testResult } from '../../runs/tested';
import type { Run } from '../../runs/types';
import type { LiveRun } from '../../stores/liveRun';
import type { MetricColumns } from '../../stores/metricColumns';
import { taskOf } from '../../tasks';
import type { Metrics } from '../../tasks/metrics';

/** What the adviser looks at, of a stored run. */
export function evidenceOf(run: Run, metrics: MetricColumns, forgets: boolean, data: DataEvidence | null): Evidence {
  const { recipe, events, baseline, evaluations, dataset, plan, totalSteps, state, weightsStep } = run;
  const trained = weightsStep !== null && weightsStep > 0;
  return {
    recipe,
    ...stepsOf(metrics),
    events,
    baseline,
    evaluations,
    train: dataset.train,
    validation: dataset.validation,
    test: dataset.test,
    batchSize: plan?.batchSize ?? recipe.batchSize,
    totalSteps,
    forgets,
    over: state !== 'running' && state !== 'failed' && state !== 'interrupted',
    tested: trained ? testResult(run) !== null : null,
    data,
  };
}

/** The same of a run in this tab, as far as its course goes: what there is to say of its data and its test is said of the stored run. */
export function courseOf(live: LiveRun, forgets: boolean): Evidence {
  const { recipe, events, metrics, baseline, evaluations, batchSize, totalSteps, end } = live;
  return {
    recipe,
    ...stepsOf(metrics),
    events,
    baseline,
    evaluations,
    train: 0,
    validation: 0,
    test: 0,
    batchSize,
    totalSteps,
    forgets,
    over: end !== null,
    tested: null,
    data: null,
  };
}

/** What steps have told. */
function stepsOf(metrics: MetricColumns): Pick<Evidence, 'loss' | 'gradNorm' | 'logitScale' | 'latest'> {
  return {
    loss: metrics.column('loss'),
    gradNorm: metrics.column('gradNorm'),
    logitScale: metrics.column('logitScale'),
    latest: latestOf(metrics),
  };
}

/** The newest value of each metric that steps have. */
function latestOf(metrics: MetricColumns): Metrics {
  const named = metrics.names.flatMap((name) => {
    const value = metrics.last(name);
    return value === null ? [] : [[name, value] as const];
  });
  return Object.fromEntries(named);
}

/** What is known of a run's data; null where another dataset is in use. */
export function dataEvidence(
  run: Run,
  dataset: Dataset | null,
  images: readonly SampleRecord[],
  copies: readonly string[] | null,
): DataEvidence | null {
  if (dataset === null || dataset.id !== run.dataset.id) return null;
  const part = images.filter(({ excluded }) => excluded !== true);
  return {
    classes: taskOf(run.recipe).from === 'labels' ? classSizes(dataset, part) : null,
    leaked: leaked(dataset, part),
    copies,
  };
}

function classSizes(dataset: Dataset, images: readonly SampleRecord[]): readonly number[] {
  const sizes = new Map<string, number>();
  for (const image of images) {
    if (image.split !== 'train') continue;
    for (const label of labelsOf(dataset, image).map(captionKey)) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  }
  return [...sizes.values()];
}

/** Pictures held back whose group, by a column of groups, has pictures for training as well. */
function leaked(dataset: Dataset, images: readonly SampleRecord[]): number {
  const found = new Set<string>();
  for (const column of columnsWithRole(dataset, 'group')) {
    const nameOf = (image: SampleRecord): string => textIn(image, column)?.trim() ?? '';
    const trained = new Set(images.filter(({ split }) => split === 'train').map(nameOf));
    trained.delete('');
    for (const image of images) if (image.split !== 'train' && trained.has(nameOf(image))) found.add(image.id);
  }
  return found.size;
}
