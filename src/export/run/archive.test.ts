import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { withFields } from '../../recipe/fields';
import { recipeSchema } from '../../recipe/schema';
import { runSchema, type Run } from '../../runs/types';
import type { TaskId } from '../../tasks';
import type { Example } from '../../tasks/example';
import { openArchive } from '../archive';
import { runArchive } from './archive';
import type { RunContent } from './content';
import { exampleGroups, examplePictures } from './examples';

const recall = (value: number) => ({ 'imageToText.recallAt1': value, loss: 2 - value, pictures: 60 });

const said = { right: true, score: 1, said: 'private words' };

const run: Run = runSchema.parse({
  id: '4c8f9a52-secret',
  name: 'amber-otter <b>&',
  recipe: recipeSchema.parse({}),
  base: { id: 'seed-clip', digest: 'd1', hub: null, revision: null },
  plan: { stepsPerEpoch: 4, batchSize: 8, microBatches: 1, evaluateEvery: 4 },
  dataset: {
    id: 'd',
    name: '<script>alert(1)</script>',
    images: 40,
    train: 30,
    validation: 6,
    test: 4,
    fingerprint: 'f',
  },
  environment: { backend: 'WebAssembly', adapter: null, userAgent: 'test', version: '0.1' },
  kernels: null,
  createdAt: 1_764_000_000_500,
  endedAt: 1_764_000_060_000,
  state: 'finished',
  message: 'Finished after 8 steps.',
  totalSteps: 8,
  stepsDone: 8,
  seconds: 16,
  baseline: recall(0.25),
  evaluations: [4, 8].map((step) => ({ step, seconds: 2 * step, metrics: recall(0.05 * step), change: null })),
  bestStep: 8,
  weightsStep: 8,
  tensors: ['logit_scale'],
  predictions: [{ caption: 'a private caption', correct: ['1'], base: ['2'], tuned: ['1'] }],
  labels: null,
  test: {
    step: 8,
    base: recall(0.25),
    tuned: recall(0.4),
    change: null,
    about: {},
    changes: {
      fixed: { count: 1, samples: [{ imageId: 'secret', wanted: 'a private caption', base: said, tuned: said }] },
      broken: { count: 0, samples: [] },
      wrong: { count: 0, samples: [] },
      measured: 1,
      decided: true,
      pValue: null,
    },
  },
});

const rows = Array.from({ length: 8 }, (_, index) => ({
  step: index + 1,
  epoch: (index + 1) / 4,
  loss: index === 2 ? NaN : 1 / (index + 1),
  gradNorm: 0.5,
  learningRate: 3e-4,
  imagesPerSecond: 40,
  seconds: 2 * (index + 1),
  extra: { logitScale: 14.5 },
}));

async function files(content: RunContent): Promise<{ names: string; read: (name: string) => Promise<Uint8Array> }> {
  const { fileName, zip } = await runArchive(content);
  const archive = await openArchive(zip);
  return {
    names: fileName,
    async read(name) {
      const entry = archive.entry(name);
      if (entry === null) throw new Error(`no ${name}`);
      return entry.read();
    },
  };
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

test('tables have one row a step, with what was not measured left empty', async () => {
  const { names, read } = await files({ run, rows, sweep: null, examples: null });
  expect(names).toBe('amber-otter-b-run.zip');
  const steps = textOf(await read('steps.csv'))
    .trimEnd()
    .split('\n');
  expect(steps[0]).toBe('step,epoch,seconds,loss,grad_norm,learning_rate,images_per_second,logit_scale');
  expect(steps[1]).toBe('1,0.25,2,1,0.5,0.0003,40,14.5');
  expect(steps[3]).toBe('3,0.75,6,,0.5,0.0003,40,14.5');
  expect(steps).toHaveLength(9);
  const evaluations = textOf(await read('evaluations.csv'))
    .trimEnd()
    .split('\n');
  expect(evaluations[0]).toBe('step,seconds,imageToText.recallAt1,loss,pictures');
  expect(evaluations[1]).toBe('0,0,0.25,1.75,60');
  expect(evaluations).toHaveLength(4);
});

test('the record tells no caption and no id, and its recipe can be taken up again', async () => {
  const { read } = await files({ run, rows, sweep: null, examples: null });
  const json = textOf(await read('run.json'));
  expect(json).not.toContain('private');
  expect(json).not.toContain('secret');
  const record = JSON.parse(json) as { recipe: { version: number }; createdAt: string };
  expect(record.recipe.version).toBeGreaterThan(0);
  expect(record.createdAt).toBe('2025-11-24T16:00:00.500Z');
});

test('the report shows what people wrote as text, and needs nothing from elsewhere', async () => {
  const { read } = await files({ run, rows, sweep: null, examples: null });
  const html = textOf(await read('report.html'));
  expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(html).toContain('amber-otter &lt;b&gt;&amp;');
  expect(html).not.toMatch(/<script|https?:|src=|NaN|undefined/);
  expect(html.match(/<polyline/g)?.length).toBeGreaterThanOrEqual(3);
});

test('the report tells how data was split, what came between, and whose weights were kept', async () => {
  const of: Run = {
    ...run,
    weightsStep: 0,
    dataset: { ...run.dataset, split: { seed: 7, validation: 0.1, test: 0.2 } },
    events: [{ kind: 'rate', step: 4, at: 0, from: 1e-3, to: 1e-4 }],
  };
  const { read } = await files({ run: of, rows, sweep: null, examples: null });
  const html = textOf(await read('report.html'));
  expect(html).toContain('10.0 % validation, 20.0 % test, seed 7');
  expect(html).toMatch(/<h2>What came between<\/h2>.*Step 4<.*1e-3/);
  expect(html).toContain('step 8, of which the base model was kept');
});

test('a run without steps or evaluations makes all files', async () => {
  const bare = { ...run, baseline: null, evaluations: [], base: null, plan: null };
  const { read } = await files({ run: bare, rows: [], sweep: null, examples: null });
  expect(textOf(await read('report.html'))).toContain('</html>');
  expect(textOf(await read('steps.csv'))).toBe('\n');
});

/** Events as TensorBoard would read them: scalars by tag, after every checksum has been compared. */
function readEvents(file: Uint8Array): Map<string, [step: number, value: number][]> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const scalars = new Map<string, [number, number][]>();
  for (let at = 0; at < file.length;) {
    const length = view.getUint32(at, true);
    expect(view.getUint32(at + 8, true)).toBe(masked(file.subarray(at, at + 8)));
    const data = file.subarray(at + 12, at + 12 + length);
    expect(view.getUint32(at + 12 + length, true)).toBe(masked(data));
    at += 16 + length;
    const event = fields(data);
    const step = Number(event.get(2)?.[0] ?? 0);
    for (const summary of event.get(5) ?? []) {
      for (const value of fields(summary as Uint8Array).get(1) ?? []) {
        const parts = fields(value as Uint8Array);
        const tag = textOf(parts.get(1)?.[0] as Uint8Array);
        scalars.set(tag, [...(scalars.get(tag) ?? []), [step, parts.get(2)?.[0] as number]]);
      }
    }
  }
  return scalars;
}

/** Bit by bit, unlike what is tested. */
function masked(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  const sum = ~crc >>> 0;
  return (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0;
}

function fields(data: Uint8Array): Map<number, (number | Uint8Array)[]> {
  const found = new Map<number, (number | Uint8Array)[]>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = data[at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < data.length) {
    const tag = varint();
    const view = new DataView(data.buffer, data.byteOffset);
    let value: number | Uint8Array;
    switch (tag & 7) {
      case 0:
        value = varint();
        break;
      case 1:
        value = view.getFloat64(at, true);
        at += 8;
        break;
      case 2: {
        const length = varint();
        value = data.subarray(at, at + length);
        at += length;
        break;
      }
      default:
        value = view.getFloat32(at, true);
        at += 4;
    }
    found.set(tag >> 3, [...(found.get(tag >> 3) ?? []), value]);
  }
  return found;
}

test('TensorBoard finds every number at its step', async () => {
  const { read } = await files({ run, rows, sweep: null, examples: null });
  const file = await read('events.out.tfevents.1764000000.vernier');
  const scalars = readEvents(file);
  expect(scalars.get('train/loss')?.map(([step]) => step)).toEqual([1, 2, 4, 5, 6, 7, 8]);
  expect(scalars.get('train/loss')?.[3]).toEqual([5, Math.fround(0.2)]);
  expect(scalars.get('train/logit_scale')).toHaveLength(8);
  expect(scalars.get('validation/imageToText.recallAt1')).toEqual([
    [0, 0.25],
    [4, Math.fround(0.2)],
    [8, Math.fround(0.4)],
  ]);
});

test('the checksum is that of RFC 3720', () => {
  const crc = ((masked(new TextEncoder().encode('123456789')) - 0xa282ead8) >>> 0) >>> 0;
  expect(((crc >>> 17) | (crc << 15)) >>> 0).toBe(0xe3069283);
});

test('the zip is left for other programs to try', async () => {
  mkdirSync('out/run-check', { recursive: true });
  const { zip } = await runArchive({ run, rows, sweep: null, examples: null });
  writeFileSync('out/run-check/run.zip', new Uint8Array(await zip.arrayBuffer()));
});

describe('examples', () => {
  const sample = (imageId: string, wanted: string) => ({ imageId, asked: 'What?', wanted, base: said, tuned: said });
  const changes = {
    ...run.test!.changes!,
    fixed: { count: 9, samples: [sample('a', '<img src=x onerror=alert(1)>'), sample('gone', 'no picture')] },
  };
  const tested: Run = { ...run, test: { ...run.test!, changes } };
  const pictures = new Map([['a', 'data:image/webp;base64,UklGRg==']]);
  const reportOf = async (of: Run, examples: RunContent['examples']) =>
    textOf(await (await files({ run: of, rows, sweep: null, examples })).read('report.html'));

  test('show what was fixed with its picture, and hostile words as words', async () => {
    const html = await reportOf(tested, pictures);
    expect(html).toContain('<h3>Fixed: 9</h3>');
    expect(html).toContain('<img src="data:image/webp;base64,UklGRg==" alt="">');
    expect(html.match(/<img/g)).toHaveLength(1);
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(html).toContain('<dt>Asked</dt><dd>What?</dd>');
    expect(examplePictures(tested)).toEqual(['a', 'gone']);
  });

  test('are left out of the report where they are not wanted', async () => {
    const html = await reportOf(tested, null);
    expect(html).not.toContain('Examples');
    expect(html).not.toContain('private');
  });

  test('are those of validation, in the words of the task, where no test pictures were measured', () => {
    const kept: readonly [TaskId, unknown, Example][] = [
      [
        'contrastive',
        { caption: 'a dog', correct: ['d'], base: ['x', 'd'], tuned: ['y', 'z'] },
        { imageId: 'd', wanted: 'a dog', base: 'found at place 2', tuned: 'not among the first 2' },
      ],
      [
        'classification',
        {
          imageId: 'd',
          label: 'dog',
          base: { label: 'cat', probability: 0.5 },
          tuned: { label: 'dog', probability: 1 },
        },
        { imageId: 'd', wanted: 'dog', base: 'cat (50 %)', tuned: 'dog (100 %)' },
      ],
      [
        'regression',
        { imageId: 'd', numbers: [{ name: 'price', wanted: null, base: 1.23456, tuned: 2 }] },
        { imageId: 'd', wanted: 'price –', base: 'price 1.235', tuned: 'price 2' },
      ],
      [
        'captioning',
        { imageId: 'd', question: null, wanted: ['a dog', 'dog'], base: '', tuned: 'a dog' },
        { imageId: 'd', wanted: 'a dog', base: '', tuned: 'a dog' },
      ],
      [
        'answering',
        { imageId: 'd', question: 'Is it?', wanted: ['yes'], base: 'no', tuned: 'yes' },
        { imageId: 'd', asked: 'Is it?', wanted: 'yes', base: 'no', tuned: 'yes' },
      ],
    ];
    for (const [task, prediction, example] of kept) {
      const recipe = withFields(run.recipe, { task });
      const of = (predictions: unknown) => exampleGroups({ ...run, recipe, test: null, predictions });
      expect(of([prediction]), task).toEqual([{ title: 'On validation pictures', examples: [example] }]);
      expect(of('damaged')).toEqual([]);
    }
  });
});

test('a trial tells its sweep, and what it took', async () => {
  const trial: Run = {
    ...run,
    sweep: { id: 'secret-sweep', trial: 3 },
    work: { samplesPerEpoch: 30, flopsPerStep: 1e9 },
  };
  const { read } = await files({ run: trial, rows, sweep: 'Learning rate', examples: null });
  const json = textOf(await read('run.json'));
  expect(json).not.toContain('secret');
  expect(JSON.parse(json)).toMatchObject({
    sweep: { name: 'Learning rate', trial: 3 },
    taken: { samples: 60, flops: 8e9, wallSeconds: 59.5 },
  });
  expect(textOf(await read('report.html'))).toContain('Learning rate, trial 3');
});
