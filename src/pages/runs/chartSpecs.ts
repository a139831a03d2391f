import { percentHeadline, plainHeadline, powerHeadline, type Headline } from '../../components/charts/format';
import type { RunAxis } from '../../components/charts/axis';
import type { ChartSeries } from '../../components/charts/series';
import type { ChartId } from '../../stores/chartPreferences';
import type { MetricName } from '../../stores/metricColumns';
import type { DirectionMetrics, EvaluationMetrics, RetrievalMetrics } from '../../protocol/protocol';
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

type Direction = 'textToImage' | 'imageToText';
type Recall = 'recallAt1' | 'recallAt5' | 'recallAt10';

interface StepChart {
  readonly kind: 'steps';
  readonly title: string;
  readonly metric: MetricName;
  readonly format: (value: number) => Headline;
  readonly mayBeLog: boolean;
  readonly fromZero: boolean;
  readonly noisy: boolean;
}

interface ValidationLossChart {
  readonly kind: 'validation-loss';
  readonly title: string;
}

interface RecallChart {
  readonly kind: 'recall';
  readonly title: string;
  readonly direction: Direction;
  readonly recall: Recall;
}

const recallChart = (direction: Direction, at: 1 | 5 | 10): RecallChart => ({
  kind: 'recall',
  title: `Recall@${at}, ${direction === 'textToImage' ? 'words → picture' : 'picture → words'}`,
  direction,
  recall: `recallAt${at}`,
});

const stepChart = (
  title: string,
  metric: MetricName,
  rest: Partial<Omit<StepChart, 'kind' | 'title' | 'metric'>> = {},
): StepChart => ({
  kind: 'steps',
  title,
  metric,
  format: plainHeadline,
  mayBeLog: true,
  fromZero: false,
  noisy: true,
  ...rest,
});

const charts: Record<ChartId, StepChart | RecallChart | ValidationLossChart> = {
  loss: stepChart('Training loss', 'loss'),
  'validation-loss': { kind: 'validation-loss', title: 'Validation loss' },
  'text-to-image@1': recallChart('textToImage', 1),
  'image-to-text@1': recallChart('imageToText', 1),
  'text-to-image@5': recallChart('textToImage', 5),
  'image-to-text@5': recallChart('imageToText', 5),
  'text-to-image@10': recallChart('textToImage', 10),
  'image-to-text@10': recallChart('imageToText', 10),
  'learning-rate': stepChart('Learning rate', 'learningRate', { format: powerHeadline, fromZero: true, noisy: false }),
  'gradient-norm': stepChart('Gradient norm', 'gradNorm'),
  'logit-scale': stepChart('Logit scale', 'logitScale', { mayBeLog: false, noisy: false }),
  'images-per-second': stepChart('Pictures per second', 'imagesPerSecond', { mayBeLog: false, fromZero: true }),
};

/** What a chart is called. */
export function chartTitle(id: ChartId): string {
  return charts[id].title;
}

/**
 * A chart's curves along the chosen axis. Evaluations begin with the base model, which is the run at step 0. Training and validation losses have
 * charts of their own: they are measured over batches of different sizes, and a contrastive loss grows with the size.
 */
export function chartSpec(id: ChartId, curves: RunCurves, axis: RunAxis): ChartSpec {
  const chart = charts[id];
  if (chart.kind === 'recall') return recallSpec(chart, curves, axis);
  if (chart.kind === 'validation-loss') return validationLossSpec(curves, axis);
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

function validationLossSpec(curves: RunCurves, axis: RunAxis): ChartSpec {
  const { baseline, evaluations } = curves;
  const size = (evaluations[0] ?? baseline)?.lossPairs ?? null;
  return {
    title: size === null ? 'Validation loss' : `Validation loss, batches of ${size}`,
    series: [{ ...evaluationSeries(curves, axis, ({ loss }) => loss), label: 'Validation loss' }],
    baseline: baseline?.loss ?? null,
    format: plainHeadline,
    mayBeLog: true,
    fromZero: false,
  };
}

function recallSpec({ title, direction, recall }: RecallChart, curves: RunCurves, axis: RunAxis): ChartSpec {
  const percent = (metrics: RetrievalMetrics): number => 100 * (metrics[direction] satisfies DirectionMetrics)[recall];
  return {
    title,
    series: [{ ...evaluationSeries(curves, axis, percent), label: 'Fine-tuned' }],
    baseline: curves.baseline === null ? null : percent(curves.baseline),
    format: percentHeadline,
    mayBeLog: false,
    fromZero: false,
    // Per cent.
    leastSpan: 20,
    highest: 100,
  };
}

const axisMetric: Record<RunAxis, MetricName> = { step: 'step', epoch: 'epoch', time: 'seconds' };

function evaluationSeries(
  { baseline, evaluations, metrics }: RunCurves,
  axis: RunAxis,
  value: (metrics: RetrievalMetrics) => number,
): ChartSeries {
  const epochsPerStep = epochLength(metrics);
  const x = evaluations.map((evaluation) => placeOf(evaluation, axis, epochsPerStep));
  const y = evaluations.map(value);
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

function placeOf({ step, seconds }: EvaluationMetrics, axis: RunAxis, epochsPerStep: number): number {
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
