import { describe, expect, it } from 'vitest';
import type { EngineDevice } from './device';
import { GraphBuilder } from './graph/builder';
import { attention } from './ops/attention/node';
import { linear } from './ops/linear/node';
import { variantName } from './ops/linear/matmul-problem';
import { attentionVariantName } from './ops/attention/problem';
import { adapterClass, type TuningTarget } from './adapter-class';
import { attentionCandidates } from './ops/attention/candidates';
import { matmulCandidates } from './ops/linear/candidates';
import { chosenName, defaultChoice, kernelNames } from './kernel-names';
import { tuneKernels, type TuningCache } from './tuner';
import { taskName, tuningTasks } from './tuning-tasks';
import { DeviceMemory } from './webgpu/memory';

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

  it.each([
    ['google swiftshader', true, true, '', ['quad 4x16/1x1', 'quad 8x16/1x1', 'quad 16x16/1x1']],
    ['google swiftshader', true, false, '', ['register 1x4/8x1', 'register 8x4/8x1', 'register 4x4/8x8']],
    ['Apple M2', false, true, 'apple', ['split 1x4/64', 'split 8x4/64', 'split 8x4/64']],
    ['NVIDIA H100', false, true, 'nvidia', ['split 1x4/64', 'split 8x4/64', 'split 8x4/64']],
  ])(
    'on %s (software %s, subgroups %s) is one for few rows in forward alone',
    (name, software, subgroups, vendor, names) => {
      const { linear: choose } = defaultChoice(target(name, software, subgroups, vendor));
      const chosen = [1, 7, 16].map((rows) => choose?.('forward', { rows, inner: 64, columns: 48 }));
      expect(chosen.map((variant) => (variant === undefined ? '' : variantName(variant)))).toEqual(names);
      for (const pass of ['input', 'weight'] as const) {
        const back = choose?.(pass, { rows: 7, inner: 64, columns: 48 });
        expect(back).toEqual(choose?.(pass, { rows: 700, inner: 64, columns: 48 }));
      }
    },
  );

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
  const graph = builder.build({ y: linear(builder, x, weight) });

  it('asks for each product of a graph once, backward only for training', () => {
    const storage = { x: 'f32', y: 'f32' };
    expect(tuningTasks(graph, false)).toEqual([
      { op: 'linear', pass: 'forward', shape: { rows: 64, inner: 32, columns: 48 }, storage },
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
      y: attention(attending, qkv, { batch: 2, heads: 2, causal: true }),
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
        const graph = builder.build({ y: attention(builder, wide, { batch, heads: 2, causal: false }) });
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
        y: attention(builder, odd, { batch: 2, heads: 2, causal: false }),
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

  describe('on a device without room', () => {
    const outOfRoom = (most: number) => {
      const clock = { time: 0 };
      const engine = timedEngine(clock, () => 0.3);
      const device = limitMemory(engine.device, most);
      const limited = { ...engine, device };
      return { engine: limited, memory: new DeviceMemory(device), now: () => clock.time };
    };
    const tasks = tuningTasks(graph, true);
    // Beside the operands a word for kernels that work in parts.
    const bytes = 4 * (64 * 32 + 48 * 32 + 64 * 48) + 256;

    it('keeps the default, remembers nothing and leaves nothing behind', async () => {
      for (const most of [0, bytes - 1]) {
        const { engine, memory, now } = outOfRoom(most);
        const remembered = new Map<string, string>();
        const options = { cache: memoryCache(remembered), environment, memory, now };
        const { choice, remember } = await tuneKernels(engine, tasks, options);
        await remember(choice);
        expect(kernelNames(choice, tasks)).toEqual(kernelNames(defaultChoice(engine), tasks));
        expect(remembered.size).toBe(0);
        expect(memory.held).toBe(0);
        expect(memory.allocations).toBeGreaterThan(0);
      }
    });

    it('times where there is just room, and gives it back', async () => {
      const { engine, memory, now } = outOfRoom(bytes);
      const remembered = new Map<string, string>();
      const options = { cache: memoryCache(remembered), environment, memory, now };
      const { choice, remember } = await tuneKernels(engine, tasks, options);
      await remember(choice);
      expect(remembered.size).toBe(3);
      expect(memory.held).toBe(0);
      expect(memory.ledger().peak).toBe(bytes);
    });

    it('allocates no more than the run is known to need', async () => {
      const { engine, memory, now } = outOfRoom(Infinity);
      const held = memory.group();
      held.buffer('weights', 'weights', 1024, 0);
      const options = { cache: memoryCache(new Map()), environment, memory, now };
      await tuneKernels(engine, tasks, { ...options, room: bytes + 1023 });
      expect(memory.allocations).toBe(1);
      await tuneKernels(engine, tasks, { ...options, room: bytes + 1024 });
      expect(memory.allocations).toBeGreaterThan(1);
      held.dispose();
    });
  });

  it('times in the storage that mixed precision uses, and remembers that apart', async () => {
    const attending = new GraphBuilder();
    const weights = (name: string, ...shape: readonly number[]) => attending.parameter(shape, { name, shape });
    const entering = attending.input('x', 'f32', [64, 32]);
    const qkv = linear(attending, entering, weights('qkv', 96, 32));
    const attended = attention(attending, qkv, { batch: 2, heads: 2, causal: false });
    const half = attending.build({ y: linear(attending, attended, weights('out', 32, 32), { residual: entering }) });
    const run = async (precision: 'float32' | 'mixed') => {
      const codes: string[] = [];
      const clock = { time: 0 };
      const engine = timedEngine(clock, (code) => (codes.push(code), 0.3));
      const memory = new DeviceMemory(engine.device);
      const remembered = new Map<string, string>();
      const options = { cache: memoryCache(remembered), environment, memory, now: () => clock.time, budget: 1e6 };
      const { choice, remember } = await tuneKernels(engine, tuningTasks(half, true, precision), options);
      await remember(choice);
      return {
        keys: new Set(remembered.keys()),
        f16: codes.filter((code) => code.includes('enable f16')).length,
        codes,
      };
    };
    const [full, mixed] = [await run('float32'), await run('mixed')];
    expect(full.f16).toBe(0);
    expect(mixed.f16).toBe(mixed.codes.length);
    expect(full.keys.size).toBe(mixed.keys.size);
    expect([...mixed.keys].filter((key) => full.keys.has(key))).toEqual([]);
  });

  it('measures spans that outlast the rounding of the clock, however little a kernel takes', async () => {
    // A clock of steps of 0.1 ms, and kernels of which a single run takes a fraction of that.
    for (const [quick, slow] of [
      [0.004, 0.005],
      [0.05, 0.06],
      [3, 3.3],
    ] as const) {
      const clock = { time: 0 };
      const now = () => Math.floor(clock.time / 0.1) * 0.1;
      const engine = timedEngine(clock, (code) => (code.includes('@workgroup_size(256)') ? quick : slow));
      const options = { cache: memoryCache(new Map()), environment, now, budget: 1e6 };
      const tasks = tuningTasks(graph, false);
      const { choice } = await tuneKernels(engine, tasks, options);
      const [name = ''] = tasks.map((task) => chosenName(choice, task));
      expect(name).toBe(variantName({ kind: 'shared', rows: 4, columns: 4, lanes: [16, 16], depth: 16 }));
    }
  });

  describe('of pinned kernels', () => {
    const engine = target('NVIDIA H100', false, true) as EngineDevice;
    const cache = { get: () => Promise.reject(new Error('asked')), set: () => Promise.reject(new Error('kept')) };
    const tasks = tuningTasks(graph, true);
    const [task] = tasks;
    if (task?.op !== 'linear') throw new Error('The graph has no product.');
    const pinned = Object.fromEntries(
      tasks.map((each) => [
        taskName(each),
        variantName((each.op === 'linear' ? matmulCandidates(engine, each.pass, each.shape)[1] : undefined) ?? fail()),
      ]),
    );

    it('uses them without timing anything, and they can be pinned again', async () => {
      const { choice, notes } = await tuneKernels(engine, tasks, { cache, environment, pinned });
      const { workgroups, ...names } = kernelNames(choice, tasks);
      expect(names).toEqual(pinned);
      expect(workgroups).toBe('shared work');
      expect(notes).toEqual([]);
      const again = await tuneKernels(engine, tasks, { cache, environment, pinned: kernelNames(choice, tasks) });
      expect(kernelNames(again.choice, tasks)).toEqual(kernelNames(choice, tasks));
      expect(again.notes).toEqual([]);
      const alone = { ...pinned, workgroups: 'lone invocations' };
      const lone = await tuneKernels(engine, tasks, { cache, environment, pinned: alone });
      expect(lone.choice.target.cooperative).toBe(false);
    });

    it('says plainly which are not there on this adapter, named for nothing, or missing', async () => {
      const others = Object.fromEntries(Object.entries(pinned).filter(([name]) => name !== taskName(task)));
      const [second = ''] = Object.keys(others);
      const wrong = { ...others, [second]: 'quad 8x16', 'forward 1x2x3': 'shared' };
      const { choice, notes } = await tuneKernels(engine, tasks, { cache, environment, pinned: wrong });
      expect(chosenName(choice, task)).toBe(chosenName(defaultChoice(engine), task));
      expect(notes).toHaveLength(3);
      expect(notes[0]).toContain(`The kernel for ${taskName(task)} is not the one of the run that is repeated: none`);
      expect(notes[1]).toContain(`The kernel for ${second} is not the one`);
      expect(notes[1]).toContain('quad 8x16 is not among those for this adapter');
      expect(notes[2]).toContain('does not compute: forward 1x2x3.');
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

/** The device with so many bytes of memory: what goes beyond is told to the innermost scope for that, and to nobody else. */
function limitMemory(device: GPUDevice, most: number): GPUDevice {
  let held = 0;
  const scopes: { readonly filter: string; error: unknown }[] = [];
  const limited: Partial<GPUDevice> = {
    pushErrorScope: (filter) => void scopes.push({ filter, error: null }),
    popErrorScope: () => Promise.resolve((scopes.pop()?.error ?? null) as GPUError | null),
    createBuffer: ({ size }) => {
      held += size;
      if (held > most) {
        const scope = scopes.findLast(({ filter }) => filter === 'out-of-memory');
        if (scope === undefined) throw new Error('Out of memory, outside of any scope.');
        scope.error = new Error('out of memory');
      }
      return { size, destroy: () => (held -= size) } as unknown as GPUBuffer;
    },
  };
  return { ...device, ...limited };
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
    limits: { maxBufferSize: 2 ** 30 },
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
