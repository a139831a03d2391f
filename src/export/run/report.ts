import { infoOf, isRelevant, showValue } from '../../recipe/describe';
import { recipeKeys } from '../../recipe/fields';
import { eventText } from '../../protocol/run-event-words';
import { beyondRecipe, repeatableRecipe } from '../../runs/repeat';
import { sinceText } from '../../runs/since';
import { flopsText, takenBy } from '../../runs/taken';
import type { Run } from '../../runs/types';
import { taskOf } from '../../tasks';
import type { TaskDescription } from '../../tasks/description';
import { intervalOf, metricText, valueOf, type MetricDescription, type Metrics } from '../../tasks/metrics';
import { evaluationsOf, type RunContent } from './content';
import { exampleSection } from './examples';
import { percent } from '../markdown';
import { escapeHtml, htmlTable } from './html';
import { lineChart } from './line-chart';

/** A run as one HTML file that needs nothing else: no script, no font, no address. */
export function htmlReport(content: RunContent): string {
  const { run } = content;
  const task = taskOf(run.recipe);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${escapeHtml(run.name)} – Vernier</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escapeHtml(run.name)}</h1>
<p class="quiet">${escapeHtml(`${run.base?.id ?? run.recipe.model} on ${run.dataset.name}, ${new Date(run.createdAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`)}</p>
${run.message === '' ? '' : `<p>${escapeHtml(run.message)}</p>`}
${resultSection(run, task)}
${content.examples === null ? '' : exampleSection(run, content.examples)}
<section><h2>Curves</h2><div class="charts">${curves(content, task)}</div></section>
${eventSection(run)}
<section><h2>Recipe</h2>${htmlTable([], recipeRows(run))}${beyondRecipe(run)
    .map((sentence) => `<p class="quiet">${escapeHtml(sentence)}</p>`)
    .join('')}</section>
<section><h2>Data</h2>${htmlTable([], dataRows(run))}</section>
<section><h2>Where and how</h2>${htmlTable([], factRows(content))}</section>
</main>
</body>
</html>
`;
}

function resultSection(run: Run, task: TaskDescription): string {
  const kept = run.evaluations.find(({ step }) => step === run.weightsStep) ?? run.evaluations.at(-1);
  const sections: string[] = [];
  if (run.test !== null) {
    sections.push(
      `<section><h2>On the test pictures</h2>${comparison(task, run.test.base, run.test.tuned, run.test.change)}</section>`,
    );
  }
  if (kept !== undefined) {
    const offered = run.weightsStep === 0 ? ', of which the base model was kept' : '';
    const title = `On the validation pictures, step ${kept.step.toLocaleString('en')}${offered}`;
    sections.push(
      `<section><h2>${title}</h2>${comparison(task, run.baseline ?? {}, kept.metrics, kept.change)}</section>`,
    );
  }
  return sections.join('\n');
}

function comparison(
  task: TaskDescription,
  base: Metrics,
  tuned: Metrics,
  change: Run['evaluations'][number]['change'],
): string {
  const rows = task.metrics
    .filter((metric) => Number.isFinite(valueOf(tuned, metric)))
    .map((metric) => {
      const interval = intervalOf(change, metric);
      return [
        metric.inFull ?? metric.label,
        shown(metric, valueOf(base, metric)),
        shown(metric, valueOf(tuned, metric)),
        interval === null ? '' : `${difference(metric, interval.low)} to ${difference(metric, interval.high)}`,
      ];
    });
  return htmlTable(['', 'Base model', 'Fine-tuned', '95 % interval of the change'], rows);
}

function shown(metric: MetricDescription, value: number): string {
  return Number.isFinite(value) ? metricText(metric, value) : '–';
}

/** A change with its sign; shares in points. */
function difference({ unit, digits }: MetricDescription, value: number): string {
  const number = (unit === 'share' ? 100 * value : value).toFixed(digits);
  return value > 0 ? `+${number}` : number;
}

function curves(content: RunContent, task: TaskDescription): string {
  const { run, rows } = content;
  const evaluations = evaluationsOf(content);
  const training = lineChart({
    title: 'Training loss',
    points: rows.map(({ step, loss }) => [step, loss]),
    base: null,
    text: (value) => value.toPrecision(3),
    dots: false,
  });
  const measured = task.metrics
    .filter(({ chart }) => chart !== null)
    .map((metric) =>
      lineChart({
        title: metric.chart?.title ?? metric.label,
        points: evaluations.map(({ step, metrics }) => [step, valueOf(metrics, metric)]),
        base: finiteOrNull(valueOf(run.baseline ?? {}, metric)),
        text: (value) => metricText(metric, value),
        dots: true,
      }),
    );
  const rate = lineChart({
    title: 'Learning rate',
    points: rows.map(({ step, learningRate }) => [step, learningRate]),
    base: null,
    text: (value) => value.toExponential(1),
    dots: false,
  });
  return [training, ...measured, rate].join('\n');
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** What came between; empty where nothing did. */
function eventSection({ events }: Run): string {
  if (events.length === 0) return '';
  const rows = events.map((event) => [`Step ${event.step.toLocaleString('en')}`, eventText(event)]);
  return `<section><h2>What came between</h2>${htmlTable([], rows)}</section>`;
}

/** What makes the run again: with what was changed on the way. */
function recipeRows(run: Run): readonly (readonly string[])[] {
  const recipe = repeatableRecipe(run);
  return recipeKeys
    .filter((key) => isRelevant(key, recipe))
    .map((key) => [infoOf(key, recipe).label, showValue(key, recipe) || '–']);
}

function dataRows({ dataset }: Run): readonly (readonly string[])[] {
  const number = (value: number): string => value.toLocaleString('en');
  return [
    ['Name', dataset.name],
    ['Pictures', number(dataset.images)],
    ['For training', number(dataset.train)],
    ['For validation', number(dataset.validation)],
    ['For test', number(dataset.test)],
    ...(dataset.split
      ? [
          [
            'Split at random',
            `${percent(dataset.split.validation)} validation, ${percent(dataset.split.test)} test, seed ${dataset.split.seed}`,
          ],
        ]
      : []),
    ['Fingerprint (SHA-256)', dataset.fingerprint],
  ];
}

function factRows({ run, sweep }: RunContent): readonly (readonly string[])[] {
  const { environment, base, stepsDone, totalSteps, seconds, kernels, since, remarks, tags } = run;
  const { samples, flops, wallSeconds } = takenBy(run);
  const time = (value: number): string => `${Math.round(value).toLocaleString('en')} s`;
  return [
    ...(run.sweep ? [['Sweep', `${sweep ?? 'deleted'}, trial ${run.sweep.trial}`]] : []),
    ...(since ? [[`Changed since ${since.name}`, sinceText(since)]] : []),
    ...(remarks === '' ? [] : [['Notes', remarks]]),
    ...(tags.length === 0 ? [] : [['Tags', tags.join(', ')]]),
    ['Trained on', environment.backend],
    ['Adapter', environment.adapter ?? 'none'],
    ['Browser', environment.userAgent],
    ['Vernier', environment.version],
    ['Weights of the base model (SHA-256)', base?.digest ?? 'unknown'],
    ...(base?.revision ? [['Revision of the base model', base.revision]] : []),
    ['Steps', `${stepsDone.toLocaleString('en')} of ${totalSteps.toLocaleString('en')}`],
    ['Samples trained on', samples?.toLocaleString('en') ?? 'unknown'],
    ['Matrix products of training (estimate)', flopsText(flops)],
    ['Time of training', time(seconds)],
    ['Time from begin to end', wallSeconds === null ? 'unknown' : time(wallSeconds)],
    ...Object.entries(kernels ?? {}).map(([name, variant]) => [`Kernel: ${name}`, variant]),
  ];
}

const style = `
:root { color-scheme: light dark; --ink: light-dark(#1b1f27, #e8eaee); --quiet: light-dark(#5a6270, #a3abb8); --line: light-dark(#dfe2e8, #343a45); --tuned: light-dark(#1f5fd0, #6ea2ff); }
body { margin: 0; background: light-dark(#fff, #14171c); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 960px; margin: 0 auto; padding: 32px 20px 64px; }
h1 { margin: 0; font-size: 28px; } h2 { margin: 36px 0 8px; font-size: 18px; }
.quiet, figcaption, text { color: var(--quiet); fill: var(--quiet); }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 400px), 1fr)); gap: 20px; }
figure { margin: 0; } svg { width: 100%; height: auto; font-size: 11px; }
polyline { fill: none; stroke: var(--tuned); stroke-width: 1.6; } circle { fill: var(--tuned); }
.axis { fill: none; stroke: var(--line); } .base { stroke: var(--quiet); stroke-dasharray: 4 4; }
table { width: 100%; border-collapse: collapse; } th, td { padding: 5px 12px 5px 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; font-weight: 400; overflow-wrap: anywhere; }
thead th, tbody th { color: var(--quiet); } td { font-variant-numeric: tabular-nums; }
h3 { margin: 18px 0 8px; font-size: 15px; }
.samples { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 290px), 1fr)); gap: 12px; }
.sample { display: flex; gap: 12px; padding: 10px; border: 1px solid var(--line); border-radius: 8px; }
.sample img, .sample i { flex: none; width: 88px; height: 88px; object-fit: contain; }
dl { display: grid; flex: 1; grid-template-columns: auto 1fr; gap: 0 10px; align-content: start; min-width: 0; margin: 0; font-size: 13px; }
dt { color: var(--quiet); } dd { min-width: 0; margin: 0; overflow-wrap: anywhere; }
@page { margin: 16mm; }
@media print { :root { color-scheme: light; } main { max-width: none; padding: 0; } figure, .sample, tr { break-inside: avoid; } h2, h3 { break-after: avoid; } }
`;
