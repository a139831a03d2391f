import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Evidence } from '../../src/adviser/evidence';
import { createTfjsExecutor } from '../../src/engine/tfjs/executor';
import { dataEvidence, evidenceOf } from '../../src/pages/runs/evidence';
import type { RecipeChange } from '../../src/recipe/fields';
import type { TestResult } from '../../src/protocol/training';
import { MetricColumns } from '../../src/stores/metricColumns';
import { taskOf } from '../../src/tasks';
import { lossMetric, valueOf, type Metrics } from '../../src/tasks/metrics';
import { noisyDataset } from './data';
import { circumstances, courses, taughtTasks, usual, type Kind, type TaughtTask } from './kinds';
import { baseModel, trainRun, type TrainedRun } from './train';

/**
 * Records good and bad runs of the engine at tiny size, by which the rules of the adviser are measured (`src/adviser/recorded.test.ts`):
 *
 *     npx tsx bench/advice/record.ts --tasks contrastive,classification --seeds 21,22 --out src/adviser/fixtures/NAME.json
 *
 * What the adviser would look at is read off the run as the pages read it. What is wrong with a run is known from how it was set up, before any rule looks
 * at it. Whether it went wrong is told by a second run, with the change that would have been better (`remedied`): the test compares the two.
 * Runs that the file has already are not recorded again.
 *
 * The bounds of the rules were set on `runs.json` (contrastive, seeds 11 to 13), `classification.json` (21, 22), `seen.json` (31, 41, and regression, 61),
 * which were recorded on plain JavaScript (`--backend tfjs-cpu`) and before remedies were, `circumstances.json` (14, 15), `second.json` (101, 103, 105, 107),
 * `third.json` (202, 204, 206, 208), `fourth.json` (302, 304, 306, 308; kinds with `rate`, `learns`, `knew`, `ends` in their names) and `fifth.json` (402, 404,
 * 406, 408); each of these was fresh before what it showed was mended. `fresh.json` (contrastive, 502; classification, 504; regression, 506; captioning,
 * 508) was recorded after the last change of a rule.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '11' },
    tasks: { type: 'string', default: taughtTasks.join(',') },
    /** Text in the names of kinds. */
    only: { type: 'string', default: '' },
    backend: { type: 'string', default: 'tfjs-wasm' },
    out: { type: 'string' },
  },
});
const tasks = z.array(z.enum(taughtTasks)).parse(values.tasks.split(','));
const backend = z.enum(['tfjs-wasm', 'tfjs-cpu']).parse(values.backend);
const out = z.string({ error: '--out is the file to write' }).parse(values.out);
const wasm = { wasmPaths: 'node_modules/@tensorflow/tfjs-backend-wasm/dist/', wasmThreads: 1 };

/** Test pictures, where there are any. */
const testPictures = 16;

/** Four digits; null for what is no number, which JSON does not have. */
const few = (value: number): number | null => (Number.isFinite(value) ? Number(value.toPrecision(4)) : null);

async function record(kind: Kind, task: TaughtTask, seed: number) {
  const executor = await createTfjsExecutor(backend, wasm);
  const data = noisyDataset(kind, seed, kind.untested === 'none' ? 0 : testPictures);
  let model = baseModel(task, seed);
  if (kind.taught === true) {
    // What it knows then is which words belong to a picture, whatever it is taught next.
    const clean = noisyDataset({}, seed + 1000);
    const before = {
      executor,
      model,
      task: task === 'captioning' ? task : ('contrastive' as const),
      data: clean,
      seed,
    };
    model = (await trainRun(before, {})).model;
  }
  const subject = { executor, model, task, data, seed };
  const trained = await trainRun(subject, kind.changes);
  const remedied =
    kind.remedy === undefined ? null : losses(await trainRun(subject, { ...kind.changes, ...kind.remedy }));
  executor.dispose();
  return {
    kind: kind.name,
    task,
    seed,
    wrong: kind.wrong,
    changes: changesOf(trained, kind, task),
    remedied,
    ...shortened(evidence(trained, kind, data)),
  };
}

function changesOf({ run }: TrainedRun, kind: Kind, task: TaughtTask): RecipeChange {
  const words: RecipeChange = task === 'classification' ? { promptTemplate: '{}' } : {};
  return { ...usual, ...words, ...kind.changes, task, seed: run.recipe.seed };
}

/** What the adviser is given of the run on its page. */
function evidence({ run, rows, view }: TrainedRun, kind: Kind, data: ReturnType<typeof noisyDataset>): Evidence {
  const { weightsStep } = run;
  const measured = kind.untested === undefined && weightsStep !== null;
  const test = measured
    ? ({ step: weightsStep, base: {}, tuned: {}, change: null, about: {} } satisfies TestResult)
    : null;
  const known = dataEvidence(run, view.dataset, data.records, data.copies);
  return evidenceOf({ ...run, state: 'finished', test }, MetricColumns.of(rows), false, known);
}

function shortened({ recipe, ...rest }: Evidence) {
  const { loss, gradNorm, logitScale, baseline, evaluations, latest } = rest;
  const headline = baseline === null ? null : taskOf(recipe).headline(baseline);
  const metricsOf = (metrics: Metrics) => {
    const kept = [
      'accuracy',
      'classes',
      'captions',
      'pictures',
      'imageToText.meanRank',
      'guess.imageToText.meanRank',
      'guess.imageToText.recallAt1',
    ];
    const named = [lossMetric, ...kept, ...(headline === null ? [] : [headline.name])];
    return Object.fromEntries(
      named.flatMap((name) => (metrics[name] === undefined ? [] : [[name, few(metrics[name])]])),
    );
  };
  return {
    ...rest,
    latest: Object.fromEntries(Object.entries(latest).map(([name, value]) => [name, few(value)])),
    loss: Array.from(loss, few),
    gradNorm: Array.from(gradNorm, few),
    logitScale: Array.from(logitScale, few),
    baseline: baseline && metricsOf(baseline),
    evaluations: evaluations.map(({ step, metrics, change }) => ({
      step,
      metrics: metricsOf(metrics),
      change: change && {
        groups: change.groups,
        intervals: Object.fromEntries(Object.entries(change.intervals).filter(([name]) => name === headline?.name)),
      },
    })),
  };
}

/** What a run with the remedy came to: its validation losses, and its headline at the end. */
function losses({ run }: TrainedRun) {
  const { baseline, evaluations, recipe } = run;
  const last = evaluations.at(-1)?.metrics;
  const headline = baseline === null ? null : taskOf(recipe).headline(baseline);
  return {
    losses: evaluations.map(({ metrics }) => few(metrics[lossMetric] ?? NaN)),
    headline: last === undefined || headline === null ? null : few(valueOf(last, headline)),
  };
}

const known = z
  .array(z.looseObject({ kind: z.string(), task: z.string(), seed: z.number() }))
  .parse(existsSync(out) ? JSON.parse(readFileSync(out, 'utf8')) : []);
const runs: unknown[] = [...known];
const kinds = [...courses, ...circumstances].filter(({ name }) => name.includes(values.only));
for (const seed of values.seeds.split(',').map(Number)) {
  for (const task of tasks) {
    for (const kind of kinds) {
      if (kind.tasks?.includes(task) === false) continue;
      if (known.some((run) => run.kind === kind.name && run.task === task && run.seed === seed)) continue;
      console.log(`${kind.name}, ${task}, seed ${seed}`);
      runs.push(await record(kind, task, seed));
      writeFileSync(out, `[\n${runs.map((run) => JSON.stringify(run)).join(',\n')}\n]\n`);
    }
  }
}
