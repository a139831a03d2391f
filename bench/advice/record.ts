import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { createTfjsExecutor } from '../../src/engine/tfjs/executor';
import { datasetView, imagesOf } from '../../src/training/data/dataset-view';
import { taughtView } from '../../src/training/data/taught-view';
import { Recorder } from '../../src/training/session/recorder';
import { Reporter } from '../../src/training/session/reporter';
import { TrainingSession } from '../../src/training/session/session';
import { MemoryStorage, recipeOf, runOf } from '../../src/training/testing/fakes';
import { preparedRun } from '../../src/training/testing/prepared';
import { tinyModel } from '../../src/training/testing/tiny-model';
import { noisyDataset } from './data';
import { kinds, usual, type Kind } from './kinds';

/**
 * Records good and bad runs of the engine at tiny size, by which the rules of the adviser are measured (`src/adviser/advice.test.ts`):
 *
 *     npx tsx bench/advice/record.ts
 *     npx tsx bench/advice/record.ts --task classification --seeds 21,22 --out src/adviser/fixtures/classification.json
 *
 * These are the runs that its bounds were set on. Those in `fresh.json`, which measure it on what it has not seen, were recorded afterwards with other seeds
 * (contrastive 31, classification 41) and of a task that no bound was set on (regression 61). What is wrong with a run is known from how it was set up, before any rule looks at it; some runs that were set up as good went wrong all the same, as their curves show:
 * `reviewed` in the test names them.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '11,12,13' },
    task: { type: 'string', default: 'contrastive' },
    out: { type: 'string', default: 'src/adviser/fixtures/runs.json' },
  },
});
const taught = z.enum(['contrastive', 'classification', 'regression']).parse(values.task);

async function record(kind: Kind, seed: number) {
  const model = tinyModel(seed);
  const executor = await createTfjsExecutor('tfjs-cpu');
  const { dataset, records, pixels } = noisyDataset(kind, seed);
  const changes = { ...usual, ...kind.changes, task: taught } as const;
  const recipe = recipeOf({ model: model.id, ...changes, seed });
  const view =
    taught === 'contrastive' ? await datasetView(dataset, records) : await taughtView(dataset, records, recipe);
  const { plan, task, device, groups, dispose } = await preparedRun({ executor, model, view, recipe, pixels });
  const storage = new MemoryStorage();
  let clock = 0;
  const now = (): number => (clock += 10);
  const recorder = new Recorder(runOf(recipe), now, storage);
  await new TrainingSession({
    recipe,
    plan,
    task,
    device,
    groups,
    recorder,
    reporter: new Reporter('run', () => undefined, now),
    now,
  }).run();
  dispose();
  const { baseline, evaluations } = recorder.record;
  const rows = [...storage.rows.values()].flat();
  const few = (value: number | undefined): number | null =>
    value === undefined || !Number.isFinite(value) ? null : Number(value.toPrecision(4));
  const kept = ['loss', 'recall@1', 'accuracy', 'pictures', 'imageToText.meanRank', 'guess.imageToText.meanRank'];
  const metricsOf = (metrics: Readonly<Record<string, number>>) =>
    Object.fromEntries(kept.flatMap((name) => (metrics[name] === undefined ? [] : [[name, few(metrics[name])]])));
  return {
    kind: kind.name,
    seed,
    wrong: kind.wrong,
    changes,
    train: imagesOf(view, 'train').length,
    validation: imagesOf(view, 'validation').length,
    totalSteps: plan.totalSteps,
    loss: rows.map(({ loss }) => few(loss)),
    gradNorm: rows.map(({ gradNorm }) => few(gradNorm)),
    logitScale: taught === 'contrastive' ? rows.map(({ extra }) => few(extra['logitScale'])) : [],
    baseline: baseline === null ? null : metricsOf(baseline),
    evaluations: evaluations.map(({ step, metrics }) => ({ step, metrics: metricsOf(metrics) })),
  };
}

const runs: unknown[] = [];
for (const kind of kinds) {
  for (const seed of values.seeds.split(',').map(Number)) {
    const run = await record(kind, seed);
    runs.push(run);
    const [first, last] = [run.evaluations[0]?.metrics, run.evaluations.at(-1)?.metrics];
    console.log(
      kind.name,
      seed,
      'loss',
      run.loss[0],
      run.loss.at(-1),
      'validation',
      run.baseline?.['loss'],
      first?.['loss'],
      last?.['loss'],
      'accuracy',
      run.baseline?.['accuracy'],
      last?.['accuracy'],
      'scale',
      run.logitScale.at(-1),
    );
  }
}
writeFileSync(values.out, `[\n${runs.map((run) => JSON.stringify(run)).join(',\n')}\n]\n`);
