import { percentHeadline, plainHeadline, powerHeadline, type Headline } from '../../components/charts/format';
import type { RunAxis } from '../../components/charts/axis';
import type { ChartMark } from '../../components/charts/LineChartCard';
import { nearest, type ChartSeries } from '../../components/charts/series';
import type { Evaluation } from '../../protocol/training';
import type { TaskDescription } from '../../tasks/description';
import { lossMetric, valueOf, type MetricChart, type MetricDescription, type Metrics } from '../../tasks/metrics';
import { isTrouble } from '../../protocol/run-events';
import type { RunCurves } from './runCurves';

/** One chart of a run, apart from how the reader wants it drawn. */
export interface ChartSpec {
  readonly title: string;
  readonly series: readonly ChartSeries[];
  readonly baseline: number | null;
  readonly format: (value: number) => Headline;
  readonly mayBeLog: boolean;
  readonly fromZero: boolean;
  readonly leastSpan?: number;
  readonly highest?: number;
}

export interface StepChart extends MetricChart {
  readonly kind: 'steps';
  readonly metric: string;
  readonly format: (value: number) => Headline;
  readonly mayBeLog: boolean;
  readonly fromZero: boolean;
  readonly noisy: boolean;
}

export interface EvaluationChart extends MetricChart {
  readonly kind: 'evaluations';
  readonly metric: MetricDescription;
}

/** A chart that a run of a task has. */
export type Chart = StepChart | EvaluationChart;

const stepChart = (
  id: string,
  title: string,
  metric: string,
  rest: Partial<Omit<StepChart, 'kind' | 'id' | 'title' | 'metric'>> = {},
): StepChart => ({
  kind: 'steps',
  id,
  title,
  metric,
  shown: true,
  format: plainHeadline,
  mayBeLog: true,
  fromZero: false,
  noisy: true,
  ...rest,
});

/** The charts of a run, in the order in which they are shown. */
export function chartsOf({ metrics, stepMetrics }: Pick<TaskDescription, 'metrics' | 'stepMetrics'>): readonly Chart[] {
  return [
    stepChart('loss', 'Training loss', 'loss'),
    ...metrics.flatMap((metric): Chart[] =>
      metric.chart === null ? [] : [{ kind: 'evaluations', metric, ...metric.chart }],
    ),
    stepChart('learning-rate', 'Learning rate', 'learningRate', {
      format: powerHeadline,
      fromZero: true,
      noisy: false,
    }),
    stepChart('gradient-norm', 'Gradient norm', 'gradNorm'),
    ...stepMetrics.map(({ name, chart: { id, title, shown } }) =>
      stepChart(id, title, name, { shown, mayBeLog: false, noisy: false }),
    ),
    stepChart('images-per-second', 'Pictures per second', 'imagesPerSecond', { mayBeLog: false, fromZero: true }),
  ];
}

/**
 * A chart's curves along the chosen axis. Evaluations begin with the base model, which is the run at step 0. Training and validation losses have
 * charts of their own: they may be measured over batches of different sizes, and a contrastive loss grows with the size.
 */
export function chartSpec(chart: Chart, curves: RunCurves, axis: RunAxis): ChartSpec {
  if (chart.kind === 'steps') return stepSpec(chart, curves, axis);
  return evaluationSpec(chart, curves, axis, epochLength(curves.metrics));
}

/** The chart of what each step has. */
export function stepSpec(
  { title, metric, format, mayBeLog, fromZero, noisy }: StepChart,
  { metrics, batchSize }: Pick<RunCurves, 'metrics' | 'batchSize'>,
  axis: RunAxis,
): ChartSpec {
  const training: ChartSeries = {
    id: 'training',
    label: title,
    role: 'tuned',
    x: metrics.column(axisMetric[axis]),
    y: metrics.column(metric),
    noisy,
  };
  const sized = metric === 'loss' ? `${title}, batches of ${batchSize}` : title;
  return { title: sized, series: [training], baseline: null, format, mayBeLog, fromZero };
}

/**
 * The chart of what each evaluation has: nothing that changes with every step.
 *
 * @param perStep epochs that one step makes
 */
export function evaluationSpec(
  { title, metric }: EvaluationChart,
  { baseline, evaluations, task }: Pick<RunCurves, 'baseline' | 'evaluations' | 'task'>,
  axis: RunAxis,
  perStep: number,
): ChartSpec {
  const isShare = metric.unit === 'share';
  const value = (metrics: Metrics): number => (isShare ? 100 : 1) * valueOf(metrics, metric);
  const isLoss = metric.name === lossMetric;
  const over = isLoss ? task.lossOver(evaluations[0]?.metrics ?? baseline ?? {}) : null;
  const x = evaluations.map((evaluation) => placeOf(evaluation, axis, perStep));
  const y = evaluations.map((evaluation) => value(evaluation.metrics));
  if (baseline !== null && evaluations[0]?.step !== 0) {
    x.unshift(0);
    y.unshift(value(baseline));
  }
  return {
    title: over === null ? title : `${title}, ${over}`,
    series: [{ id: 'validation', label: isLoss ? title : 'Fine-tuned', role: 'validation', x, y, dots: true }],
    baseline: baseline === null ? null : value(baseline),
    format: isShare ? percentHeadline : plainHeadline,
    mayBeLog: !isShare,
    fromZero: false,
    // Per cent.
    ...(isShare ? { leastSpan: 20, highest: 100 } : {}),
  };
}

const axisMetric: Record<RunAxis, string> = { step: 'step', epoch: 'epoch', time: 'seconds' };

/** Where on an axis the step lies that the run went back to at its end; null where it kept its last weights, or goes on. */
export function keptPlace({ keptStep, evaluations, metrics }: RunCurves, axis: RunAxis): number | null {
  if (keptStep === 0) return 0;
  const kept = evaluations.find(({ step }) => step === keptStep);
  if (kept === undefined || kept.step >= (metrics.last('step') ?? 0)) return null;
  return placeOf(kept, axis, epochLength(metrics));
}

/** Most marks that a chart has; the newest. */
const mostMarks = 40;

/** Where something came between, on an axis. */
export function marksOf(
  { events, metrics }: Pick<RunCurves, 'events' | 'metrics'>,
  axis: RunAxis,
): readonly ChartMark[] {
  const length = epochLength(metrics);
  return events.slice(-mostMarks).map((event) => ({
    place: axis === 'time' ? secondsAt(metrics, event.step) : axis === 'epoch' ? event.step * length : event.step,
    trouble: isTrouble(event),
  }));
}

/** Seconds of training when a step was charted, or the last one before it. */
function secondsAt(metrics: RunCurves['metrics'], step: number): number {
  const steps = metrics.column('step');
  const index = nearest(steps, step);
  if (index === null) return 0;
  return metrics.column('seconds')[(steps[index] as number) > step ? index - 1 : index] ?? 0;
}

function placeOf({ step, seconds }: Evaluation, axis: RunAxis, epochsPerStep: number): number {
  if (axis === 'time') return seconds;
  return axis === 'epoch' ? step * epochsPerStep : step;
}

/** Epochs that one step makes, the same after every step: without what rounding leaves. */
export function epochLength(metrics: RunCurves['metrics']): number {
  const step = metrics.last('step');
  return step === null || step === 0 ? 0 : Number(((metrics.last('epoch') ?? 0) / step).toPrecision(9));
}

/** Where the run ends on an axis. */
export function runEnd({ metrics, totalSteps, totalSeconds }: RunCurves, axis: RunAxis): number {
  if (axis === 'time') return totalSeconds;
  return axis === 'epoch' ? totalSteps * epochLength(metrics) : totalSteps;
}
