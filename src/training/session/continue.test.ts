// @module-tag slow

import 'fake-indexeddb/auto';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { SampleRecord } from '../../dataset/types';
import type { Executor } from '../../engine/executor';
import { createTfjsExecutor } from '../../engine/tfjs/executor';
import { tensorCount } from '../../engine/tfjs/testing/tensor-count';
import type { TrainingEvent } from '../../protocol/training';
import type { RunEvent } from '../../protocol/run-events';
import type { RecipeChange } from '../../recipe/fields';
import type { DatasetView } from '../data/dataset-view';
import type { PixelReader } from '../features/samples';
import { eventsOf, MemoryStorage, recipeOf, runOf } from '../testing/fakes';
import { preparedRun } from '../testing/prepared';
import { tinyDataset, tinyModel } from '../testing/tiny-model';
import { watching } from '../testing/watched-executor';
import { readCheckpoint } from '../../runs/checkpoints';
import { readMetrics, readRun, storedDelta } from '../../runs/store';
import { Checkpoints, storedCheckpoints } from './checkpoints';
import { Recorder } from './recorder';
import { Reporter } from './reporter';
import { TrainingSession } from './session';
import { sessionStateSchema, type SessionSnapshot } from './state';

const model = tinyModel();
/** Random views are drawn of stored pictures. */
const decoded = vi.hoisted(() => ({ decodeStored: vi.fn() }));
vi.mock('../features/samples', async (original) => ({ ...(await original<object>()), ...decoded }));
let executor: Executor;
let view: DatasetView;
let pixels: PixelReader;

beforeAll(async () => {
  executor = await createTfjsExecutor('tfjs-cpu');
  ({ view, pixels } = await tinyDataset());
  const { pixels: side } = model.architecture.image;
  decoded.decodeStored.mockImplementation(async (image: SampleRecord) => {
    const rgb = await pixels.pixels(image);
    const data = Uint8ClampedArray.from({ length: 4 * side * side }, (_, i) =>
      i % 4 === 3 ? 255 : (rgb[3 * Math.floor(i / 4) + (i % 4)] ?? 0),
    );
    return { width: side, height: side, data };
  });
});

interface Part {
  readonly from?: SessionSnapshot;
  /** Stops at the snapshot that is taken after this step. */
  readonly until?: number;
  /** Ends without a word at this step, as a tab does that is closed. */
  readonly diesAt?: number;
  /** Is to stop after this step by itself. */
  readonly rung?: number;
  readonly recorder?: Recorder;
  readonly checkpoints?: Checkpoints;
  /** Is told of each step that the device was given. */
  readonly onStep?: (step: number) => void;
}

/** Trains on buffers and with a task of its own, as another visit of the page would. */
async function train(changes: RecipeChange, { from, until, diesAt, rung, onStep, ...kept }: Part = {}) {
  const recipe = recipeOf({ model: model.id, batchSize: 6, durationUnit: 'steps', steps: 10, seed: 3, ...changes });
  const augmented = changes.augmentFlip === true;
  const prepared = await preparedRun({ executor, model, view, recipe, pixels, augmented });
  const { plan, task, store, device, groups, dispose } = prepared;
  const events: TrainingEvent[] = [];
  const now = (): number => performance.now();
  const recorder = kept.recorder ?? new Recorder(runOf(recipe), now, new MemoryStorage());
  const taken: Promise<SessionSnapshot | null>[] = [];
  const reporter = new Reporter('run', (event) => events.push(event), now);
  let die = (): void => undefined;
  const death = new Promise<void>((resolve) => (die = resolve));
  const watched = watching(executor, (step) => {
    onStep?.(step);
    if (step === diesAt) {
      die();
      return new Promise(() => undefined);
    }
    if (step !== until) return;
    taken.push(session.snapshot());
    session.commands.stop('as-planned');
  });
  const session: TrainingSession = new TrainingSession({
    recipe,
    plan,
    task,
    device: { ...device, executor: watched },
    groups,
    recorder,
    reporter,
    now,
    from: from ?? null,
    checkpoints: kept.checkpoints ?? null,
    until: rung ?? null,
  });
  await Promise.race([session.run(), death]);
  const weights = await store.read(task.trainable);
  dispose();
  const rows = eventsOf(events, 'steps').flatMap(({ steps }) => steps);
  const evaluations = eventsOf(events, 'evaluation').map(({ evaluation: { seconds, ...rest }, predictions }) => ({
    ...rest,
    predictions,
    timed: seconds > 0,
  }));
  return {
    snapshot: (await taken[0]) ?? null,
    weights,
    rows: rows.map(({ seconds, imagesPerSecond, ...row }) => ({ ...row, timed: seconds > 0 && imagesPerSecond > 0 })),
    evaluations,
    bestStep: recorder.record.bestStep,
    messages: events.length,
    seconds: rows.at(-1)?.seconds ?? 0,
  };
}

/** As storage gives it back. */
function stored(snapshot: SessionSnapshot): SessionSnapshot {
  const state = sessionStateSchema.parse(JSON.parse(JSON.stringify(snapshot.state)));
  return structuredClone({ ...snapshot, state });
}

describe.each([
  { name: 'full fine-tuning', changes: { freeze: 'full', learningRate: 3e-3, attentionDropout: 0.1 } },
  { name: 'the sigmoid loss, whose bias is fitted', changes: { freeze: 'full', learningRate: 3e-3, loss: 'sigmoid' } },
  { name: 'projections', changes: { freeze: 'projections', learningRate: 1e-2 } },
  {
    name: 'micro-batches with layer-wise decay',
    changes: { freeze: 'full', optimizer: 'sgd', learningRate: 1e-2, microBatchSize: 4, layerDecay: 0.7 },
  },
  {
    name: 'random views',
    changes: { freeze: 'last-blocks', lastBlocks: 1, learningRate: 3e-3, augmentCrop: 0.4, augmentFlip: true },
  },
] as const)('$name', ({ changes }) => {
  test('five steps and five more that another session goes on with are ten', async () => {
    const recipe = { ...changes, evaluateEvery: 2, earlyStopping: true, patience: 50 };
    const straight = await train(recipe);
    const first = await train(recipe, { until: 5 });
    if (first.snapshot === null) throw new Error('no snapshot');
    const { step, lastEvaluated } = first.snapshot.state;
    expect({ step, lastEvaluated }).toEqual({ step: 5, lastEvaluated: 4 });
    const rest = await train(recipe, { from: stored(first.snapshot) });
    expect(rest.weights).toEqual(straight.weights);
    expect([...first.rows.slice(0, 5), ...rest.rows]).toEqual(straight.rows);
    expect(rest.evaluations).toEqual(straight.evaluations.filter((evaluation) => evaluation.step > 5));
    expect(rest.bestStep).toBe(straight.bestStep);
    expect(rest.seconds).toBeGreaterThan(first.snapshot.state.seconds);
  });
});

test('patience that was used up in part ends at the step where it would have', async () => {
  const recipe = {
    freeze: 'projections',
    learningRate: 1e-8,
    selectionMetric: 'recall@10',
    evaluateEvery: 1,
    earlyStopping: true,
    patience: 6,
  } as const;
  const straight = await train(recipe);
  expect(straight.rows).toHaveLength(7);
  const first = await train(recipe, { until: 4 });
  if (first.snapshot === null) throw new Error('no snapshot');
  const rest = await train(recipe, { from: stored(first.snapshot) });
  expect(rest.rows).toEqual(straight.rows.slice(4));
});

test('in two thousand steps memory stays as it is, and the page is told no more than it can show', async () => {
  const tensors = new Map<number, number>();
  const { rows, messages, seconds } = await train(
    { freeze: 'projections', learningRate: 1e-3, steps: 2000, evaluateEvery: 500 },
    { onStep: (step) => void tensors.set(step, tensorCount()) },
  );
  expect(rows).toHaveLength(2000);
  // Evaluations keep what they compute for the next; from the second on nothing is added.
  const settled = [...tensors].flatMap(([step, count]) => (step > 20 ? [count] : []));
  expect(Math.max(...settled) - Math.min(...settled)).toBeLessThanOrEqual(4);
  expect(tensors.get(2000)).toBeLessThanOrEqual(tensors.get(50) ?? 0);
  expect(messages).toBeLessThan(30 + 10 * seconds);
}, 240_000);

test('a rate that is changed on the way is changed again where a run goes on from before', async () => {
  const now = (): number => performance.now();
  const recipe = { freeze: 'projections', learningRate: 1e-2, evaluateEvery: 4 } as const;
  const changed: RunEvent = { kind: 'rate', step: 6, at: 0, from: 1e-2, to: 1e-3 };
  const recorder = (): Recorder =>
    new Recorder(runOf(recipeOf(recipe), { events: [changed] }), now, new MemoryStorage());
  const straight = await train(recipe, { recorder: recorder() });
  const first = await train(recipe, { until: 4 });
  if (first.snapshot === null) throw new Error('no snapshot');
  const rest = await train(recipe, { from: stored(first.snapshot), recorder: recorder() });
  expect(rest.weights).toEqual(straight.weights);
  expect([...first.rows.slice(0, 4), ...rest.rows]).toEqual(straight.rows);
  expect(rest.weights).not.toEqual((await train(recipe)).weights);
});

test('a run that has ended gives no snapshot', async () => {
  const { snapshot, rows } = await train({ freeze: 'projections' }, { until: 10 });
  expect({ snapshot, steps: rows.length }).toEqual({ snapshot: null, steps: 10 });
});

/** Checkpoints that are due after every third step, by a clock that no machine hurries. */
function everyThird(runId: string): Checkpoints {
  let asked = 0;
  return new Checkpoints(storedCheckpoints(runId), () => (asked++ % 3 === 2 ? 1e9 * asked : 0));
}

/** What is stored of a run when it is over, but for what depends on the clock. */
async function storedRun(id: string) {
  const run = await readRun(id);
  if (run === null) throw new Error('no run');
  const tensors = new Map<string, Float32Array>();
  for await (const [name, values] of storedDelta(run)?.read() ?? []) tensors.set(name, values);
  const { rows } = await readMetrics(id);
  const { state, message, stepsDone, bestStep, weightsStep, evaluations, predictions } = run;
  return {
    ...{ state, message, stepsDone, bestStep, weightsStep, predictions, tensors },
    evaluations: evaluations.map(({ seconds, ...rest }) => ({ ...rest, timed: seconds > 0 })),
    rows: rows.map(({ seconds, imagesPerSecond, ...row }) => ({ ...row, timed: seconds > 0 && imagesPerSecond > 0 })),
  };
}

describe.each([
  { kept: 'the best weights', restoreBest: true },
  { kept: 'the last weights', restoreBest: false },
])('a run that keeps $kept', ({ restoreBest }) => {
  const changes = { freeze: 'full', learningRate: 3e-3, evaluateEvery: 2, restoreBest } as const;

  test.each([5, 7, 8, 10])('goes on after a crash at step %d as if there had been none', async (diesAt) => {
    const now = (): number => performance.now();
    const begin = async (id: string): Promise<Recorder> => {
      const recorder = new Recorder(runOf(recipeOf(changes), { id }), now);
      await recorder.begin({ train: [], validation: [], test: [] });
      return recorder;
    };
    const straight = `straight-${diesAt}-${restoreBest}`;
    const crashed = `crashed-${diesAt}-${restoreBest}`;
    await train(changes, { recorder: await begin(straight), checkpoints: everyThird(straight) });
    await train(changes, { recorder: await begin(crashed), checkpoints: everyThird(crashed), diesAt });
    const left = await readRun(crashed);
    const { checkpoint } = await readCheckpoint(crashed);
    if (left === null || checkpoint === null) throw new Error('nothing was kept');
    expect(checkpoint.step).toBeLessThan(diesAt);
    const from = { ...checkpoint, state: sessionStateSchema.parse(checkpoint.state) };
    const recorder = new Recorder({ ...left, state: 'running' }, now);
    await train(changes, { from, recorder, checkpoints: everyThird(crashed) });
    expect(await storedRun(crashed)).toEqual(await storedRun(straight));
  });

  test('goes through rungs as if there were none', async () => {
    const now = (): number => performance.now();
    const kept = (id: string): Checkpoints => new Checkpoints(storedCheckpoints(id), now);
    const [straight, trial] = [`whole-${restoreBest}`, `trial-${restoreBest}`];
    for (const id of [straight, trial]) {
      const recorder = new Recorder(runOf(recipeOf(changes), { id }), now);
      await recorder.begin({ train: [], validation: [], test: [] });
      const first = await train(changes, { recorder, checkpoints: kept(id), ...(id === trial ? { rung: 2 } : {}) });
      expect(first.rows).toHaveLength(id === trial ? 2 : 10);
    }
    for (const rung of [6, 10]) {
      const [left, { checkpoint }] = [await readRun(trial), await readCheckpoint(trial)];
      if (left === null || checkpoint === null) throw new Error('nothing was kept');
      expect(left).toMatchObject({ state: 'stopped', stepsDone: rung === 6 ? 2 : 6 });
      const from = { ...checkpoint, state: sessionStateSchema.parse(checkpoint.state) };
      const recorder = new Recorder({ ...left, state: 'running' }, now);
      await train(changes, { from, recorder, checkpoints: kept(trial), rung });
    }
    expect(await storedRun(trial)).toEqual(await storedRun(straight));
  });
});
