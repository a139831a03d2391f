import { percentHeadline, plainHeadline, powerHeadline, type Headline } from '../../components/charts/format';
import type { RunAxis } from '../../components/charts/axis';
import type { ChartMark } from '../../components/charts/LineChartCard';
import type { ChartSeries } from '../../components/charts/series';
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

interface StepChart extends MetricChart {
  readonly kind: 'steps';
  readonly metric: string;
  readonly format: (value: number) => Headline;
  readonly mayBeLog: boolean;
  readonly fromZero: boolean;
  readonly noisy: boolean;
}

interface EvaluationChart extends MetricChart {
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
  if (chart.kind === 'evaluations') return evaluationSpec(chart, curves, axis);
  const { title, metric, format, mayBeLog, fromZero, noisy } = chart;
  const training: ChartSeries = {
    id: 'training',
    label: title,
    role: 'tuned',
    x: curves.metrics.column(axisMetric[axis]),
    y: curves.metrics.column(metric),
    noisy,
  };
  const sized = metric === 'loss' ? `${title}, batches of ${curves.batchSize}` : title;
  return { title: sized, series: [training], baseline: null, format, mayBeLog, fromZero };
}

function evaluationSpec({ title, metric }: EvaluationChart, curves: RunCurves, axis: RunAxis): ChartSpec {
  const { baseline, evaluations, task } = curves;
  const isShare = metric.unit === 'share';
  const value = (metrics: Metrics): number => (isShare ? 100 : 1) * valueOf(metrics, metric);
  const isLoss = metric.name === lossMetric;
  const over = isLoss ? task.lossOver(evaluations[0]?.metrics ?? baseline ?? {}) : null;
  return {
    title: over === null ? title : `${title}, ${over}`,
    series: [{ ...evaluationSeries(curves, axis, value), label: isLoss ? title : 'Fine-tuned' }],
    baseline: baseline === null ? null : value(baseline),
    format: isShare ? percentHeadline : plainHeadline,
    mayBeLog: !isShare,
    fromZero: false,
    // Per cent.
    ...(isShare ? { leastSpan: 20, highest: 100 } : {}),
  };
}

const axisMetric: Record<RunAxis, string> = { step: 'step', epoch: 'epoch', time: 'seconds' };

function evaluationSeries(
  { baseline, evaluations, metrics }: RunCurves,
  axis: RunAxis,
  value: (metrics: Metrics) => number,
): ChartSeries {
  const epochsPerStep = epochLength(metrics);
  const x = evaluations.map((evaluation) => placeOf(evaluation, axis, epochsPerStep));
  const y = evaluations.map((evaluation) => value(evaluation.metrics));
  if (baseline !== null && evaluations[0]?.step !== 0) {
    x.unshift(0);
    y.unshift(value(baseline));
  }
  return { id: 'validation', label: 'Validation', role: 'validation', x, y, dots: true };
}

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
  const index = metrics.column('step').findLastIndex((each) => each <= step);
  return index < 0 ? 0 : (metrics.column('seconds')[index] ?? 0);
}

function placeOf({ step, seconds }: Evaluation, axis: RunAxis, epochsPerStep: number): number {
  if (axis === 'time') return seconds;
  return axis === 'epoch' ? step * epochsPerStep : step;
}

/** Epochs that one step makes. */
function epochLength(metrics: RunCurves['metrics']): number {
  const step = metrics.last('step');
  return step === null || step === 0 ? 0 : (metrics.last('epoch') ?? 0) / step;
}

/** Where the run ends on an axis. */
export function runEnd({ metrics, totalSteps, totalSeconds }: RunCurves, axis: RunAxis): number {
  if (axis === 'time') return totalSeconds;
  return axis === 'epoch' ? totalSteps * epochLength(metrics) : totalSteps;
}
