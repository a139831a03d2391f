import { describe, expect, it } from 'vitest';
import type { EngineDevice } from './device';
import { GraphBuilder } from './graph/builder';
import { variantName } from './kernels/matmul-problem';
import { adapterClass, defaultChoice, matmulCandidates, tuneKernels, tuningTasks, type TuningTarget } from './tuner';

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

describe('tuning', () => {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'f32', [64, 32]);
  const weight = builder.parameter([48, 32], { name: 'weight', shape: [48, 32] });
  const graph = builder.build({ y: builder.linear(x, weight) });

  it('asks for each product of a graph once, backward only for training', () => {
    expect(tuningTasks(graph, false)).toEqual([{ pass: 'forward', shape: { rows: 64, inner: 32, columns: 48 } }]);
    expect(tuningTasks(graph, true).map(({ pass }) => pass)).toEqual(['forward', 'input', 'weight']);
  });

  it('takes remembered winners without timing anything', async () => {
    // A device that is not there: timing would throw.
    const engine = target('NVIDIA H100', false, true) as EngineDevice;
    const second = variantName(matmulCandidates(engine, 'forward', { rows: 64, inner: 32, columns: 48 })[1] ?? fail());
    const cache = { get: () => Promise.resolve(second), set: () => Promise.reject(new Error('nothing to remember')) };
    const choice = await tuneKernels(engine, tuningTasks(graph, true), { cache });
    const chosen = choice.linear?.('forward', { rows: 64, inner: 32, columns: 48 });
    expect(chosen === undefined ? '' : variantName(chosen)).toBe(second);
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
    const choice = await tuneKernels(engine as unknown as EngineDevice, tuningTasks(graph, true), { cache, budget: 0 });
    expect(choice.linear?.('forward', shape)).toEqual(defaultChoice(engine).linear?.('forward', shape));
  });
});

function fail(): never {
  throw new Error('There is no second candidate.');
}
