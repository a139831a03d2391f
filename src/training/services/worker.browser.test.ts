import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultRecipe, withFields, type RecipeChange } from '../../recipe/fields';
import type { Recipe } from '../../recipe/schema';
import { readMetrics, readRun } from '../../runs/store';
import { featureCache } from '../../storage/feature-cache/here';
import { createClient } from '../client/client';
import type { TrainingEvent } from '../../protocol/training';
import { tasks } from '../../tasks';

/** The whole path through the real worker on the WASM backend: sample data, embedded model, training, report, search, export. */
const client = createClient(undefined, `${location.origin}/`);
const events: TrainingEvent[] = [];
let datasetId = '';

const recipe = (changes: RecipeChange): Recipe => withFields(defaultRecipe, { model: 'seed-clip', ...changes });

beforeAll(async () => {
  client.onEvent((event) => events.push(event));
  const capabilities = await client.request('probe', { force: 'tfjs-wasm' });
  expect(capabilities.chosen).toBe('tfjs-wasm');
  ({ datasetId } = await client.request('makeSample', {
    generator: 'shapes',
    name: 'Coloured shapes',
    count: 60,
    seed: 1,
  }));
});

afterAll(() => client.dispose());

describe('a run', () => {
  const runId = 'run-1';

  test('trains, is charted, evaluated and stored', async () => {
    const summary = await client.request('openModel', { model: 'seed-clip', hubBase: null });
    expect(summary.parameters).toBe(summary.groups.reduce((sum, { parameters }) => sum + parameters, 0));
    const params = {
      runId,
      name: 'amber-otter',
      datasetId,
      recipe: recipe({
        freeze: 'projections',
        batchSize: 16,
        durationUnit: 'steps',
        steps: 24,
        learningRate: 3e-3,
        augmentCrop: 0,
        evaluateEvery: 12,
      }),
    };
    expect(await client.request('train', params)).toEqual({ runId, unstored: null });
    const run = await readRun(runId);
    expect(run?.message).toContain('Finished');
    const steps = run?.totalSteps ?? 0;
    expect(run).toMatchObject({ state: 'finished', stepsDone: steps });
    expect(run?.tensors.toSorted()).toEqual(['logit_scale', 'text_projection.weight', 'visual_projection.weight']);
    expect(run?.evaluations.map(({ step }) => step)).toEqual([steps / 2, steps]);
    const { rows: metrics } = await readMetrics(runId);
    expect(metrics.map(({ step }) => step)).toEqual(Array.from({ length: steps }, (_, i) => i + 1));
    const mean = (rows: typeof metrics): number => rows.reduce((sum, { loss }) => sum + loss, 0) / rows.length;
    expect(mean(metrics.slice(-3))).toBeLessThan(mean(metrics.slice(0, 3)));
    expect(events.filter(({ type }) => type === 'ended')).toHaveLength(1);
  });

  test('is reported on beside the base model', async () => {
    const weights = { kind: 'run', runId } as const;
    const report = await client.request('evaluate', { weights, datasetId, split: 'train' });
    expect(report.base['pictures']).toBe(report.tuned?.['pictures']);
    expect(report.tuned?.['loss']).toBeLessThan(report.base['loss'] ?? NaN);
    for (const { rank, preferred } of tasks.contrastive.report.parse(report.details).mistakes) {
      expect(rank).toBeGreaterThan(1);
      expect(preferred.length).toBeGreaterThan(0);
    }
  });

  test('can be searched with, and the base model too', async () => {
    for (const weights of [{ kind: 'run', runId } as const, { kind: 'base', model: 'seed-clip' } as const]) {
      const hits = await client.request('searchImages', { weights, datasetId, query: 'a red circle', count: 5 });
      expect(hits).toHaveLength(5);
      expect(hits[0]?.score).toBeGreaterThanOrEqual(hits[4]?.score ?? Infinity);
      const image = await redSquare();
      const captions = await client.request('searchCaptions', { weights, datasetId, image, count: 3 });
      expect(captions).toHaveLength(3);
      const labels = ['red', 'blue', 'green'];
      const classes = await client.request('classify', { weights, image, labels, template: 'a {label} square' });
      expect(classes.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 5);
      expect(classes.map(({ label }) => label).toSorted()).toEqual(labels.toSorted());
    }
  });

  test('exports a model that reads back the same, with frozen tensors untouched', async () => {
    const weights = { kind: 'run', runId } as const;
    const format = { format: 'huggingface', options: { precision: 'float32' } };
    const exported = await client.request('exportModel', { weights, ...format, datasetId });
    expect(exported.maxDifference).toBeLessThanOrEqual(1e-4);
    expect(exported.frozenUnchanged).toBe(true);
    expect(exported.zip.size).toBe(exported.bytes);
  });
});

test('a run can be paused, resumed and stopped, and another is refused meanwhile', async () => {
  const runId = 'run-2';
  const options = {
    freeze: 'projections',
    batchSize: 8,
    durationUnit: 'steps',
    steps: 100_000,
    augmentCrop: 0,
  } as const;
  const params = { runId, name: 'bold-lynx', datasetId, recipe: recipe({ ...options, evaluateEvery: 50_000 }) };
  const phases = nextPhases();
  const running = client.request('train', params);
  await Promise.race([phases.reached('training'), running]);
  await expect(client.request('train', { ...params, runId: 'run-3' })).rejects.toMatchObject({ code: 'busy' });
  await client.request('pause', {});
  await phases.reached('paused');
  const search = { weights: { kind: 'base', model: 'seed-clip' } as const, datasetId, query: 'a star', count: 1 };
  expect(await client.request('searchImages', search)).toHaveLength(1);
  await client.request('resume', {});
  await phases.reached('training');
  await client.request('stop', { keep: 'as-planned' });
  await running;
  expect((await readRun(runId))?.state).toBe('stopped');
});

test('a second run starts from the outputs of frozen layers that the first kept on disk, to the same curve', async () => {
  await featureCache.clear();
  const options = { freeze: 'last-blocks', lastBlocks: 1, batchSize: 16, durationUnit: 'steps', steps: 4 } as const;
  const views = { augmentCrop: 0.3, cachedViews: 1, evaluateEvery: 4 };
  const curves: number[][] = [];
  const kept: number[] = [];
  for (const runId of ['kept-1', 'kept-2']) {
    const params = { runId, name: 'keen-heron', datasetId, recipe: recipe({ ...options, ...views }) };
    await client.request('train', params);
    expect((await readRun(runId))?.message).toContain('Finished');
    curves.push((await readMetrics(runId)).rows.map(({ loss }) => loss));
    kept.push(await featureCache.bytes());
  }
  expect(curves[0]).toHaveLength(4);
  expect(curves[1]).toEqual(curves[0]);
  expect(kept[0]).toBeGreaterThan(1e6);
  expect(kept[1]).toBe(kept[0]);
  expect(await featureCache.clear()).toBe(kept[0]);
}, 300_000);

test('WebGPU gives the same run as WASM, on random views', async () => {
  const losses: number[][] = [];
  const backends: string[] = [];
  const kernels: string[][] = [];
  for (const force of ['tfjs-wasm', 'webgpu'] as const) {
    expect((await client.request('probe', { force })).chosen).toBe(force);
    const runId = `run-${force}`;
    await client.request('train', {
      runId,
      name: force,
      datasetId,
      recipe: recipe({
        freeze: 'projections',
        augmentCrop: 0.3,
        augmentFlip: true,
        augmentColor: 0.3,
        batchSize: 8,
        durationUnit: 'steps',
        steps: 6,
        warmupRatio: 0,
        learningRate: 1e-3,
        evaluateEvery: 6,
      }),
    });
    const run = await readRun(runId);
    expect(run?.message).toContain('Finished');
    backends.push(run?.environment.backend ?? '');
    kernels.push(Object.keys(run?.kernels ?? { unknown: '' }));
    losses.push([
      ...(await readMetrics(runId)).rows.map(({ loss }) => loss),
      run?.evaluations[0]?.metrics['loss'] ?? NaN,
    ]);
  }
  expect(backends[0]).not.toBe(backends[1]);
  expect(kernels[0]).toEqual([]);
  expect(kernels[1]).toContain('workgroups');
  expect(kernels[1]?.some((name) => /^weight \d+x\d+x\d+$/.test(name))).toBe(true);
  const [wasm = [], webgpu = []] = losses;
  expect(wasm).toHaveLength(7);
  wasm.forEach((loss, step) => expect(webgpu[step]).toBeCloseTo(loss, 3));
}, 300_000);

test('what cannot be done fails with a reason', async () => {
  const missing = { weights: { kind: 'run', runId: 'nowhere' } as const, datasetId, split: 'test' } as const;
  await expect(client.request('evaluate', missing)).rejects.toMatchObject({ code: 'not-found' });
  await expect(client.request('pause', {})).rejects.toMatchObject({ code: 'not-running' });
  const unknown = { model: 'nobody/nothing', hubBase: `${location.origin}/absent` };
  await expect(client.request('openModel', unknown)).rejects.toMatchObject({ name: 'StudioError' });
});

/** Waits for phases of the run in progress, in order. */
function nextPhases() {
  const seen: string[] = [];
  let wake: () => void = () => undefined;
  client.onEvent((event) => {
    if (event.type !== 'phase') return;
    seen.push(event.phase);
    wake();
  });
  return {
    async reached(phase: string): Promise<void> {
      while (!seen.includes(phase)) await new Promise<void>((resolve) => (wake = resolve));
      seen.splice(0, seen.indexOf(phase) + 1);
    },
  };
}

async function redSquare(): Promise<Blob> {
  const canvas = new OffscreenCanvas(64, 64);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('No canvas.');
  context.fillStyle = '#d22';
  context.fillRect(0, 0, 64, 64);
  return canvas.convertToBlob();
}
