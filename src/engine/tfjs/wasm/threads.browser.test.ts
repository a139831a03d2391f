import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GraphNode } from '../../ops';
import { startBackend } from '../backend';
import { composedRules } from '../../ops/tfjs';
import { ruleOf, type OpRules, type RunContext } from '../rule';
import { checkOp } from '../testing/op-check';
import { wasmFiles } from '../wasm-files';
import { openWasmHeap, type WasmHeap } from './heap';
import { wasmRules } from '../../ops/wasm';

const threadCount = 3;

describe('WebAssembly threads', () => {
  let one: WasmHeap;
  let several: WasmHeap;

  beforeAll(async () => {
    (await startBackend('tfjs-wasm', { wasmPaths: wasmFiles })).activate();
    const heaps = await Promise.all([openWasmHeap(1), openWasmHeap(threadCount)]);
    if (heaps[0] === null || heaps[1] === null) throw new Error('This engine has no SIMD.');
    [one, several] = heaps;
  });

  afterAll(() => several.dispose());

  test('are as many as asked for', () => {
    expect(one.runner.threads).toBe(1);
    expect(several.runner.threads).toBe(threadCount);
    expect(several.description).toContain('3 threads');
  });

  describe.each(Object.keys(composedRules) as GraphNode['op'][])('%s matches PyTorch', (op) => {
    let rules: OpRules = composedRules;
    beforeAll(() => {
      rules = wasmRules(several);
    });
    checkOp(() => rules, op, test);
  });

  /** Sizes at which every kernel is shared out. */
  const [rows, inner, columns] = [261, 192, 130];
  const wave = (...shape: number[]): Tensor => {
    const length = shape.reduce((product, extent) => product * extent, 1);
    return tensor(
      Float32Array.from({ length }, (_, at) => Math.sin(at * 0.37) + 0.1 * Math.cos(at)),
      shape,
    );
  };

  test.each([
    [{ op: 'linear', x: 0, weight: 1, bias: 2, residual: 3, activation: 'quick_gelu', adapters: [], y: 9 }],
    [{ op: 'layerNorm', x: 0, weight: 4, bias: 5, epsilon: 1e-5, y: 9 }],
    [
      {
        op: 'attention',
        qkv: 0,
        query: null,
        keyValue: null,
        batch: 9,
        tokens: 29,
        keys: 29,
        heads: 4,
        headSize: 16,
        causal: true,
        lengths: null,
        offsets: null,
        dropout: 0,
        y: 9,
      },
    ],
  ] satisfies [GraphNode][])('give the same bits as one: $op', (node) => {
    const values = [
      wave(rows, inner),
      wave(columns, inner),
      wave(columns),
      wave(rows, columns),
      wave(inner),
      wave(inner),
    ];
    const context: RunContext = {
      seed: null,
      input: () => new Float32Array(),
      shape: (id) => values[id]?.shape ?? [],
      write: () => undefined,
      tensor: (id) => values[id] ?? wave(1),
    };
    const results = [one, several].map((heap) => {
      const rule = ruleOf(wasmRules(heap), node);
      const { y, saved } = rule.forward(node, context, true);
      const gradients = rule.backward(node, wave(...y.shape), saved, new Set([0, 1, 2, 3, 4, 5]), context);
      return [y, ...gradients.map(([, gradient]) => gradient)].map((value) => value.dataSync());
    });
    expect(results[0]?.length).toBeGreaterThan(1);
    expect(results[1]).toEqual(results[0]);
  });
});
