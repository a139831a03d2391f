import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, test } from 'vitest';
import { version } from '../../../package.json';
import { EngineError, type Executor, type ExecutorKind } from '../../engine/executor';
import type { Graph } from '../../engine/graph/ir';
import type { SelfTestReport } from '../../engine/self-test';
import type { TfjsKind } from '../../engine/tfjs/backend';
import { createTfjsExecutor } from '../../engine/tfjs/executor';
import { countingDevice } from '../../engine/webgpu/testing/counting-device';
import { database } from '../../storage/db';
import { Backend } from './backend';
import { DeviceLock } from '../device-lock';
import type { Engines } from './engines';
import { FakeExecutor } from '../testing/fakes';
import { tinyModel } from '../testing/tiny-model';
import { rememberTrial } from './trial';

const model = tinyModel();
const passed: SelfTestReport = { replaced: [], skipped: [], milliseconds: 1 };
const wrong = 'This graphics adapter computes attention wrongly, with every kernel that Vernier has.';

interface Machine {
  /** Null: a browser without WebGPU. */
  readonly adapter: 'gpu' | 'software' | null;
  /** What the self-test of Vernier's kernels finds, or how it fails. */
  readonly report: SelfTestReport | EngineError;
  /** So many times the GPU is lost while its kernels are tested. */
  readonly losses: number;
  /** Kinds that do not start. */
  readonly broken: readonly ExecutorKind[];
  /** TensorFlow.js computes rightly on the GPU. */
  readonly stock: boolean;
}

/** A backend on a machine of the test's making, and what was started on it. */
function setup(machine: Partial<Machine> = {}) {
  const { adapter = 'gpu', report = passed, broken = [], stock = false } = machine;
  let { losses = 0 } = machine;
  const started: FakeExecutor[] = [];
  const begun: string[] = [];
  const fake = (kind: ExecutorKind): FakeExecutor => {
    const executor = new FakeExecutor(undefined, kind);
    started.push(executor);
    return executor;
  };
  const engines: Engines = {
    acquireDevice: () => {
      begun.push('device');
      return adapter === null
        ? Promise.reject(new EngineError('no-webgpu', 'This browser has no WebGPU.'))
        : Promise.resolve(
            countingDevice({ name: adapter === 'gpu' ? 'Radeon' : 'llvmpipe', software: adapter !== 'gpu' }),
          );
    },
    webgpu: () => {
      begun.push('webgpu');
      if (losses-- > 0) return Promise.reject(new EngineError('device-lost', 'Gone.'));
      return report instanceof EngineError
        ? Promise.reject(report)
        : Promise.resolve({ executor: fake('webgpu'), report });
    },
    tuned: () =>
      Promise.resolve({
        executor: fake('webgpu'),
        report: { ...passed, replaced: ['matrix products: quad gave wrong values.'], skipped: ['attention'] },
        kernels: { 'forward 4x4x4': 'quad' },
        notes: ['A pinned kernel is not there.'],
      }),
    tfjs: (kind: TfjsKind): Promise<Executor> => {
      begun.push(kind);
      if (broken.includes(kind)) return Promise.reject(new Error(`${kind} is broken.`));
      // Plain JavaScript stands for a GPU that computes rightly, a fake for one that does not.
      return stock && kind !== 'tfjs-wasm' ? createTfjsExecutor('tfjs-cpu') : Promise.resolve(fake(kind));
    },
  };
  let changes = 0;
  const onChange = (): Promise<void> => {
    changes++;
    return Promise.resolve();
  };
  const backend = new Backend(new DeviceLock(), onChange, engines);
  return { backend, started, begun, changes: () => changes };
}

beforeEach(async () => (await database()).clear('settings'));

describe('the choice of an executor', () => {
  test('is WebGPU where there is a GPU', async () => {
    const { backend, begun } = setup();
    const capabilities = await backend.probe(null);
    expect(capabilities).toMatchObject({ chosen: 'webgpu', adapter: 'Radeon', softwareAdapter: false, notes: [] });
    expect(capabilities.verdict).toBe('Trains on your GPU, Radeon, with WebGPU.');
    expect(capabilities.largestTensor).toBe(2 ** 31 - 4);
    expect(capabilities.mixedPrecision).toBe(true);
    expect((await backend.executor(model)).kind).toBe('webgpu');
    await backend.probe(null);
    expect(begun).toEqual(['device', 'webgpu']);
  });

  test('is WebAssembly without WebGPU, and says why', async () => {
    const { backend } = setup({ adapter: null });
    const { chosen, verdict, largestTensor, mixedPrecision } = await backend.probe(null);
    expect(chosen).toBe('tfjs-wasm');
    expect(verdict).toBe('This browser has no WebGPU. Training runs on the CPU with WebAssembly.');
    expect(largestTensor).toBeNull();
    expect(mixedPrecision).toBe(false);
    expect((await backend.executor(model)).kind).toBe('tfjs-wasm');
  });

  test('goes on to the next where an executor does not start, and says so afterwards', async () => {
    const { backend } = setup({ adapter: null, broken: ['tfjs-wasm'] });
    await backend.probe(null);
    expect((await backend.executor(model)).kind).toBe('tfjs-cpu');
    expect(await backend.probe(null)).toMatchObject({
      chosen: 'tfjs-cpu',
      verdict: expect.stringContaining('Training runs on the CPU with plain JavaScript') as string,
    });
    const none = setup({ adapter: null, broken: ['tfjs-wasm', 'tfjs-cpu'] });
    await expect(none.backend.executor(model)).rejects.toThrow('tfjs-cpu is broken.');
  });

  test.each([
    { webgpu: 1000, wasm: 3000, kind: 'webgpu', verdict: /Training runs on it.*1\.0 s a step against 3\.0 s/ },
    { webgpu: 3000, wasm: 1000, kind: 'tfjs-wasm', verdict: /on the CPU.*1\.0 s a step against 3\.0 s/ },
    { webgpu: null, wasm: 1000, kind: 'tfjs-wasm', verdict: /found faster\.$/ },
    { webgpu: 1000, wasm: null, kind: 'webgpu', verdict: /Training runs on it/ },
  ])('on a software adapter follows the trial: %o', async ({ webgpu, wasm, kind, verdict }) => {
    await rememberTrial('llvmpipe', model.id, version, { webgpu, wasm });
    const { backend, begun } = setup({ adapter: 'software' });
    expect((await backend.probe(null)).verdict).toMatch(/only a software adapter \(llvmpipe\)/);
    expect((await backend.executor(model)).kind).toBe(kind);
    expect((await backend.probe(null)).verdict).toMatch(verdict);
    expect(begun.filter((what) => what === 'tfjs-cpu')).toEqual([]);
  });

  test('on a software adapter makes the trial once', async () => {
    const { backend, started } = setup({ adapter: 'software' });
    await backend.executor(model);
    const steps = (): number => started.reduce((sum, { scalars }) => sum + scalars.length, 0);
    expect(steps()).toBe(4);
    await backend.executor(model);
    expect(steps()).toBe(4);
    const later = setup({ adapter: 'software' });
    await later.backend.executor(model);
    expect(later.started.every(({ scalars }) => scalars.length === 0)).toBe(true);
  });

  test('is the user’s, where that starts', async () => {
    const { backend, changes } = setup();
    await backend.executor(model);
    expect(changes()).toBe(1);
    expect((await backend.probe('tfjs-wasm')).verdict).toBe('Trains with WebAssembly, as you chose.');
    expect(backend.choice).toBe('tfjs-wasm');
    expect((await backend.executor(model)).kind).toBe('tfjs-wasm');
    expect(changes()).toBe(2);
    const refused = setup({ broken: ['tfjs-wasm'] });
    await refused.backend.probe('tfjs-wasm');
    expect((await refused.backend.executor(model)).kind).toBe('webgpu');
  });

  test('forced to WebGPU where there is none, says so once', async () => {
    const { backend } = setup({ adapter: null });
    const { chosen, verdict } = await backend.probe('webgpu');
    expect(chosen).toBe('tfjs-wasm');
    expect(verdict).toBe(
      'WebGPU does not start here: This browser has no WebGPU. Training runs on the CPU with WebAssembly.',
    );
  });
});

describe('the self-test', () => {
  test('has its findings shown', async () => {
    const report = { replaced: ['matrix products: quad gave wrong values.'], skipped: ['attention'], milliseconds: 9 };
    const { notes, chosen } = await setup({ report }).backend.probe(null);
    expect(chosen).toBe('webgpu');
    expect(notes).toEqual([
      'Matrix products: quad gave wrong values.',
      'The self-test had no time to check these kernels, so others are used: attention.',
    ]);
  });

  const report = new EngineError('self-test', wrong);

  test('that fails makes way for the kernels of TensorFlow.js, where these compute rightly', async () => {
    const { backend } = setup({ report, stock: true });
    const { chosen, verdict } = await backend.probe(null);
    expect(chosen).toBe('tfjs-webgpu');
    expect(verdict).toMatch(/^This graphics adapter computes attention wrongly.*runs on Radeon with.*TensorFlow\.js/);
  });

  test('that fails makes way for the CPU otherwise', async () => {
    for (const machine of [{ report }, { report, stock: true, adapter: 'software' as const }]) {
      const { backend } = setup(machine);
      const { chosen, verdict } = await backend.probe(null);
      expect(chosen).toBe('tfjs-wasm');
      expect(verdict).toBe(`${wrong} Training runs on the CPU with WebAssembly.`);
      expect((await backend.executor(model)).kind).toBe('tfjs-wasm');
    }
  });

  test('of tuned kernels gives notes for the run, and names the kernels for its record', async () => {
    const { backend } = setup();
    const tuned = await backend.tuned(await backend.executor(model), {} as Graph, { precision: 'float32' });
    expect(tuned.kernels).toEqual({ 'forward 4x4x4': 'quad' });
    expect(tuned.notes).toEqual([
      'Matrix products: quad gave wrong values.',
      'The self-test had no time to check these kernels, so others are used: attention.',
      'A pinned kernel is not there.',
    ]);
    const wasm = new FakeExecutor(undefined, 'tfjs-wasm');
    const untuned = { executor: wasm, notes: [], kernels: {} };
    expect(await backend.tuned(wasm, {} as Graph, { precision: 'float32' })).toEqual(untuned);
    const { notes } = await backend.tuned(wasm, {} as Graph, { precision: 'float32', pinned: tuned.kernels });
    expect(notes).toEqual(['The run that is repeated names kernels of WebGPU; WebAssembly has no such choice.']);
  });
});

describe('what computes', () => {
  test('on a GPU is its adapter as it describes itself, with what its device was granted', async () => {
    const { backend } = setup();
    const { backend: kind, adapter } = await backend.computer(await backend.executor(model));
    expect(kind).toBe('webgpu');
    expect(adapter).toMatchObject({ vendor: '', features: expect.arrayContaining(['f16']) as string[] });
    expect(adapter?.limits).toMatchObject({ maxBufferSize: expect.any(Number) as number });
  });

  test('is another on the processor, whichever adapter there is beside it', async () => {
    const { backend } = setup();
    const wasm = new FakeExecutor(undefined, 'tfjs-wasm');
    expect(await backend.computer(wasm)).toEqual({ backend: 'tfjs-wasm', name: 'fake', adapter: null });
  });
});

describe('a failing device', () => {
  test('that is lost is replaced, and what lay on it forgotten', async () => {
    const { backend, started, begun, changes } = setup();
    const first = await backend.executor(model);
    started[0]?.loseDevice(new EngineError('device-lost', 'Gone.'));
    await expect.poll(changes).toBe(2);
    const second = await backend.executor(model);
    expect(second).not.toBe(first);
    expect(begun).toEqual(['device', 'webgpu', 'device', 'webgpu']);
  });

  test.each(['out-of-memory', 'validation', 'device-lost'] as const)('%s: is given up', async (code) => {
    const { backend, started, changes } = setup();
    const first = await backend.executor(model);
    await backend.noteFailure(new EngineError(code, 'Too much.'));
    expect(started[0]?.disposed).toBe(true);
    expect(changes()).toBe(2);
    expect(await backend.executor(model)).not.toBe(first);
  });

  test('that is lost while it is tested is looked for again, and is no reason to compute with anything else', async () => {
    const { backend, begun } = setup({ losses: 2 });
    expect((await backend.executor(model)).kind).toBe('webgpu');
    expect(begun.filter((what) => what === 'webgpu')).toHaveLength(3);
    const hopeless = setup({ losses: 3 }).backend;
    await expect(hopeless.executor(model)).rejects.toMatchObject({ code: 'device-lost' });
    // Whoever asks later finds what is there by then.
    expect((await hopeless.executor(model)).kind).toBe('webgpu');
  });

  test('that is lost is behind whatever fails on it, before or after it says so', async () => {
    const { backend, started } = setup();
    await backend.executor(model);
    const rejected = new EngineError('validation', 'The kernel cannot be compiled.');
    const noted = backend.noteFailure(rejected);
    const loss = new EngineError('device-lost', 'Gone.');
    started[0]?.loseDevice(loss);
    expect(await noted).toBe(loss);
    await backend.executor(model);
    started[1]?.loseDevice(loss);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await backend.noteFailure(rejected)).toBe(loss);
    // What another device rejects is another matter.
    await backend.executor(model);
    expect(await backend.noteFailure(rejected)).toBe(rejected);
  });

  test('other failures leave it in place', async () => {
    const { backend, started } = setup();
    const first = await backend.executor(model);
    await backend.noteFailure(new EngineError('not-finite', 'NaN'));
    await backend.noteFailure(new Error('A bad picture.'));
    expect(started[0]?.disposed).toBe(false);
    expect(await backend.executor(model)).toBe(first);
  });
});
