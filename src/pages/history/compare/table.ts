import type { RunsCompared } from '../../../protocol/compared';
import type { Run } from '../../../runs/types';
import { taskOf, tasks } from '../../../tasks';
import type { TaskDescription } from '../../../tasks/description';
import {
  intervalOf,
  lossMetric,
  metricText,
  valueOf,
  type MetricDescription,
  type Metrics,
} from '../../../tasks/metrics';
import { testResult } from '../../../runs/tested';
import { pText } from '../../evaluate/slices';
import { intervalText, scaleOf, signed, verdictOf } from '../../runs/result';

/** What some runs score, a row a metric and a cell a run. */

export interface ScoreCell {
  readonly value: string;
  /** 95 % interval of the value; null where there is none. */
  readonly interval: string | null;
  /** Against the first run: `+3.1, −0.4 to 6.5, p 0.08`; null for the first itself and where nothing was tested. */
  readonly against: string | null;
  readonly verdict: 'better' | 'worse' | null;
  /** The best of the row. */
  readonly best: boolean;
}

export interface ScoreRow {
  readonly label: string;
  readonly meaning: string | undefined;
  readonly cells: readonly ScoreCell[];
}

/** What was just measured on the same pictures. */
export function measuredRows({ runs, task }: RunsCompared): readonly ScoreRow[] {
  const metrics = headlineFirst(tasks[task], runs[0]?.metrics ?? {});
  const [first] = runs;
  return rowsOf(
    metrics,
    runs.map(({ metrics: own }) => own),
    (metric, place) => {
      const run = runs[place];
      const interval = run?.intervals?.[metric.name];
      const change = intervalOf(run?.change, metric);
      const pValue = run?.change?.pValues?.[metric.name];
      const gain = valueOf(run?.metrics ?? {}, metric) - valueOf(first?.metrics ?? {}, metric);
      const scale = scaleOf(metric);
      const parts = [
        signed(scale * gain, metric.digits),
        ...(change === null ? [] : [intervalText(change, scale, metric.digits)]),
        ...(pValue === undefined ? [] : [`p ${pText(pValue)}`]),
      ];
      return {
        interval: interval === undefined ? null : intervalText(interval, scale, metric.digits),
        against: place === 0 ? null : parts.join(', '),
        verdict: verdictOf(change, metric.better === 'more'),
      };
    },
  );
}

/** What runs noted of their test pictures at their time; nothing is told from chance between them. */
export function notedRows(runs: readonly Run[]): readonly ScoreRow[] {
  const [first] = runs;
  if (first === undefined) return [];
  const results = runs.map((run) => testResult(run)?.tuned ?? {});
  return rowsOf(headlineFirst(taskOf(first.recipe), results[0] ?? {}), results, () => ({
    interval: null,
    against: null,
    verdict: null,
  }));
}

/** All metrics of a task, the one first that results are told by. */
function headlineFirst({ metrics, headline }: TaskDescription, measured: Metrics): readonly MetricDescription[] {
  const first = headline(measured);
  return [first, ...metrics.filter(({ name }) => name !== first.name)];
}

function rowsOf(
  metrics: readonly MetricDescription[],
  results: readonly Readonly<Record<string, number>>[],
  rest: (metric: MetricDescription, place: number) => Pick<ScoreCell, 'interval' | 'against' | 'verdict'>,
): readonly ScoreRow[] {
  return metrics.flatMap((metric): readonly ScoreRow[] => {
    const values = results.map((own) => valueOf(own, metric));
    const known = values.filter(Number.isFinite);
    if (known.length === 0) return [];
    const best = metric.better === 'more' ? Math.max(...known) : Math.min(...known);
    const alike = known.every((value) => value === best);
    return [
      {
        // It is named by the pictures that it is measured on during a run.
        label: metric.name === lossMetric ? 'Loss' : (metric.inFull ?? metric.label),
        meaning: metric.meaning,
        cells: values.map((value, place) => ({
          value: Number.isFinite(value) ? metricText(metric, value) : '–',
          best: !alike && value === best,
          ...rest(metric, place),
        })),
      },
    ];
  });
}
