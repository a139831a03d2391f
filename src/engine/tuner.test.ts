import { describe, expect, it } from 'vitest';
import type { EngineDevice } from './device';
import { GraphBuilder } from './graph/builder';
import { variantName } from './kernels/matmul-problem';
import { attentionVariantName } from './kernels/attention-problem';
import {
  adapterClass,
  attentionCandidates,
  defaultChoice,
  matmulCandidates,
  tuneKernels,
  tuningTasks,
  type TuningCache,
  type TuningTarget,
} from './tuner';

function target(name: string, software: boolean, subgroups: boolean, vendor = ''): TuningTarget {
  return {
    adapter: { vendor, architecture: '', device: '', description: name, software, name },
    features: { f16: false, subgroups, timestamps: false },
  };
}

const shape = { rows: 1040, inner: 192, columns: 768 };

describe('the default choice', () => {
  it.each([
    ['google swiftshader', true, true, '', 'software', 'quad'],
    ['google swiftshader', true, false, '', 'software', 'register'],
    ['Apple M2', false, true, 'apple', 'apple', 'register'],
    ['NVIDIA H100', false, true, 'nvidia', 'gpu', 'shared'],
  ])('on %s (software %s, subgroups %s)', (name, software, subgroups, vendor, kind, variant) => {
    const on = target(name, software, subgroups, vendor);
    expect(adapterClass(on.adapter)).toBe(kind);
    expect(defaultChoice(on).linear?.('forward', shape).kind).toBe(variant);
    expect(defaultChoice(on).target.cooperative).toBe(!software);
  });

  it('never gives a quad tile with too few rows to the gradient of a weight', () => {
    for (const name of ['google swiftshader', 'llvmpipe (LLVM 15)']) {
      for (const candidate of matmulCandidates(target(name, true, true), 'weight', shape)) {
        if (candidate.kind === 'quad') expect(candidate.rows % 16).toBe(0);
      }
    }
  });
});

describe('attention candidates', () => {
  const names = (on: TuningTarget) => attentionCandidates(on).map(attentionVariantName);

  it('are several tiles and the kernels without tiles on a GPU, quads where it has subgroups', () => {
    const plain = ['tile lane 64', 'tile lane 32', 'rows'];
    expect(names(target('NVIDIA H100', false, false, 'nvidia'))).toEqual(plain);
    expect(new Set(names(target('Apple M2', false, true, 'apple')))).toEqual(new Set([...plain, 'tile quad']));
  });

  it('are few on software adapters, where compiling takes longest', () => {
    expect(names(target('llvmpipe (LLVM 15)', true, true))).toEqual(['tile quad', 'tile lane 4']);
    expect(names(target('google swiftshader', true, true))).toEqual(['tile quad']);
    expect(names(target('google swiftshader', true, false))).toEqual(['tile lane 4']);
  });
});

const environment = 'Chrome 140, Vernier 0.1.0';

describe('tuning', () => {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'f32', [64, 32]);
  const weight = builder.parameter([48, 32], { name: 'weight', shape: [48, 32] });
  const graph = builder.build({ y: builder.linear(x, weight) });

  it('asks for each product of a graph once, backward only for training', () => {
    expect(tuningTasks(graph, false)).toEqual([
      { op: 'linear', pass: 'forward', shape: { rows: 64, inner: 32, columns: 48 } },
    ]);
    expect(tuningTasks(graph, true).map((task) => task.op === 'linear' && task.pass)).toEqual([
      'forward',
      'input',
      'weight',
    ]);
  });

  it('takes remembered winners without timing anything', async () => {
    // A device that is not there: timing would throw.
    const engine = target('NVIDIA H100', false, true) as EngineDevice;
    const second = variantName(matmulCandidates(engine, 'forward', { rows: 64, inner: 32, columns: 48 })[1] ?? fail());
    const cache = { get: () => Promise.resolve(second), set: () => Promise.reject(new Error('nothing to remember')) };
    const { choice } = await tuneKernels(engine, tuningTasks(graph, true), { cache, environment });
    const chosen = choice.linear?.('forward', { rows: 64, inner: 32, columns: 48 });
    expect(chosen === undefined ? '' : variantName(chosen)).toBe(second);
  });

  describe('of attention', () => {
    const attending = new GraphBuilder();
    const qkv = attending.input('qkv', 'f32', [2 * 20, 3 * 32]);
    const attended = attending.build({
      y: attending.attention(qkv, { batch: 2, heads: 2, causal: true }),
    });
    const heads = { batch: 2, tokens: 20, heads: 2, headSize: 16 };

    it('takes the variant whose kernels take least time, and remembers it', async () => {
      const clock = { time: 0 };
      const engine = timedEngine(clock, (code) => (code.includes('@workgroup_size(32)') ? 0.05 : 0.25));
      const remembered = new Map<string, string>();
      const cache = memoryCache(remembered);
      const tasks = tuningTasks(attended, true);
      const { choice, remember } = await tuneKernels(engine, tasks, { cache, environment, now: () => clock.time });
      expect(remembered.size).toBe(0);
      await remember(choice);
      expect(choice.attention?.(heads)).toEqual({ kind: 'tile', worker: 'lane', lanes: 32 });
      expect([...remembered.values()]).toEqual(['tile lane 32']);
      expect([...remembered.keys()][0]).toContain('attention 2x20x2x16 causal training');
      const other = { ...heads, tokens: 50 };
      expect(choice.attention?.(other)).toEqual(defaultChoice(engine).attention?.(other));
    });

    it('passes over a variant that does not compile, however little time it would take', async () => {
      const clock = { time: 0 };
      const engine = timedEngine(clock, (code) => {
        if (code.includes('@workgroup_size(32)')) throw new Error('no such instruction');
        return code.includes('subgroups') ? 0.1 : 0.25;
      });
      const remembered = new Map<string, string>();
      const options = { cache: memoryCache(remembered), environment, now: () => clock.time };
      const { choice } = await tuneKernels(engine, tuningTasks(attended, true), options);
      expect(choice.attention?.(heads)).toEqual({ kind: 'tile', worker: 'quad' });
    });

    it('remembers no winner that the self-test put another in the place of', async () => {
      const clock = { time: 0 };
      const engine = timedEngine(clock, () => 0.05);
      const remembered = new Map<string, string>();
      const options = { cache: memoryCache(remembered), environment, now: () => clock.time };
      const { choice, remember } = await tuneKernels(engine, tuningTasks(attended, true), options);
      await remember({ ...choice, attention: () => ({ kind: 'rows' }) });
      expect(remembered.size).toBe(0);
    });

    it('times again under another browser, another Vernier and on another adapter', async () => {
      const asked: string[] = [];
      const cache = { ...memoryCache(new Map()), get: (key: string) => Promise.resolve(void asked.push(key)) };
      const engine = timedEngine({ time: 0 }, () => 1);
      const other = { ...engine, adapter: { ...engine.adapter, architecture: 'ampere' } };
      for (const [on, under] of [
        [engine, environment],
        [engine, 'Chrome 141, Vernier 0.1.0'],
        [engine, 'Chrome 140, Vernier 0.2.0'],
        [other, environment],
      ] as const) {
        await tuneKernels(on, tuningTasks(attended, true), { cache, environment: under, budget: 0 });
      }
      expect(new Set(asked).size).toBe(4);
    });

    it('tries attention without tiles only where that is little work', async () => {
      const asked: string[] = [];
      const cache = { ...memoryCache(new Map()), get: (key: string) => Promise.resolve(void asked.push(key)) };
      for (const batch of [2, 512]) {
        const builder = new GraphBuilder();
        const wide = builder.input('qkv', 'f32', [batch * 197, 3 * 128]);
        const graph = builder.build({ y: builder.attention(wide, { batch, heads: 2, causal: false }) });
        await tuneKernels(
          timedEngine({ time: 0 }, () => 1),
          tuningTasks(graph, true),
          {
            cache,
            environment,
            budget: 0,
          },
        );
      }
      expect(asked.map((key) => key.includes('rows'))).toEqual([true, false]);
    });

    it('times nothing where no tile fits and all variants are one', async () => {
      const builder = new GraphBuilder();
      const odd = builder.input('qkv', 'f32', [2 * 20, 3 * 10]);
      const graph = builder.build({
        y: builder.attention(odd, { batch: 2, heads: 2, causal: false }),
      });
      const engine = timedEngine({ time: 0 }, () => {
        throw new Error('compiled');
      });
      const remembered = new Map<string, string>();
      await tuneKernels(engine, tuningTasks(graph, true), {
        cache: memoryCache(remembered),
        environment,
        now: () => 0,
      });
      expect(remembered.size).toBe(0);
    });
  });

  it('keeps the default where no time is allowed', async () => {
    const engine = {
      ...target('NVIDIA H100', false, true),
      device: { createBuffer: () => ({ destroy: () => undefined }) },
    };
    const cache = {
      get: () => Promise.resolve(undefined),
      set: () => Promise.reject(new Error('nothing to remember')),
    };
    const { choice } = await tuneKernels(engine as unknown as EngineDevice, tuningTasks(graph, true), {
      cache,
      environment,
      budget: 0,
    });
    expect(choice.linear?.('forward', shape)).toEqual(defaultChoice(engine).linear?.('forward', shape));
  });
});

function fail(): never {
  throw new Error('There is no second candidate.');
}

function memoryCache(values: Map<string, string>): TuningCache {
  return {
    get: (key) => Promise.resolve(values.get(key)),
    set: (key, value) => Promise.resolve(void values.set(key, value)),
  };
}

/** A GPU with subgroups on which each kernel takes as long as `cost` says of its code; one that `cost` throws for does not compile. */
function timedEngine(clock: { time: number }, cost: (code: string) => number): EngineDevice {
  let waiting = 0;
  const pass = {
    setPipeline: (pipeline: { readonly cost: number }) => (waiting += pipeline.cost),
    setBindGroup: () => undefined,
    dispatchWorkgroups: () => undefined,
    end: () => undefined,
  };
  const device = {
    createBuffer: () => ({ destroy: () => undefined }),
    createBindGroupLayout: () => ({}),
    createBindGroup: () => ({}),
    createPipelineLayout: () => ({}),
    pushErrorScope: () => undefined,
    popErrorScope: () => Promise.resolve(null),
    createShaderModule: ({ code }: { readonly code: string }) => code,
    createComputePipelineAsync: ({ compute: { module } }: { compute: { module: string } }) =>
      new Promise((resolve) => resolve({ cost: cost(module) })),
    createCommandEncoder: () => ({ beginComputePass: () => pass, finish: () => ({}) }),
    queue: {
      submit: () => undefined,
      onSubmittedWorkDone: () => {
        clock.time += waiting;
        waiting = 0;
        return Promise.resolve();
      },
    },
  };
  return { ...target('NVIDIA H100', false, true, 'nvidia'), device } as unknown as EngineDevice;
}
