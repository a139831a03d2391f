import { tensor, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { startBackend } from '../../tfjs/backend';
import type { OpRule, RunContext } from '../../tfjs/rule';
import { openWasmHeap } from '../../tfjs/wasm/heap';
import type { CrossEntropyNode } from './node';
import { crossEntropy } from './tfjs';
import { wasmCrossEntropy } from './wasm';

/**
 * As many rows and classes as captions have: what label smoothing gives each class is a millionth of the sum of all, and vanishes where it is added
 * to that.
 */
const [rows, classes, smoothing] = [368, 4000, 0.1];

const logits = Float32Array.from({ length: rows * classes }, (_, i) => 3 * Math.sin(12.9898 * (i + 1)));
const targets = Int32Array.from({ length: rows }, (_, row) => (row % 5 === 4 ? -100 : (row * 997) % classes));

const node: CrossEntropyNode = {
  op: 'crossEntropy',
  logits: 0,
  targets: 1,
  rowWeights: null,
  classWeights: null,
  labelSmoothing: smoothing,
  focus: 0,
  reduction: 'mean',
  y: 2,
};

const wasmPaths = 'node_modules/@tensorflow/tfjs-backend-wasm/dist/';

/** Runs the operation on the current backend. */
function compute(rule: OpRule<CrossEntropyNode>): { loss: number; gradient: Float32Array } {
  const context: RunContext = {
    seed: 1,
    shape: (id) => (id === 0 ? [rows, classes] : [rows]),
    input: () => targets,
    tensor: (id) => (id === 0 ? tensor(logits, [rows, classes]) : tensor(targets, [rows], 'int32')),
    write: () => undefined,
  };
  let loss = NaN;
  let gradient = new Float32Array();
  tidy(() => {
    const { y, saved } = rule.forward(node, context, true);
    loss = y.dataSync<'float32'>()[0] ?? NaN;
    const [entry] = rule.backward(node, tensor(1), saved, new Set([0]), context);
    gradient = Float32Array.from(entry?.[1].dataSync<'float32'>() ?? []);
  });
  return { loss, gradient };
}

/** The definition, in float64. */
function expected(): { loss: number; gradient: Float64Array } {
  const counted = targets.filter((target) => target >= 0).length;
  const gradient = new Float64Array(rows * classes);
  let loss = 0;
  targets.forEach((target, row) => {
    if (target < 0) return;
    const own = logits.subarray(row * classes, (row + 1) * classes);
    const lse = Math.log(own.reduce((sum, z) => sum + Math.exp(z), 0));
    own.forEach((z, c) => {
      const wanted = (c === target ? 1 - smoothing : 0) + smoothing / classes;
      loss += (wanted * (lse - z)) / counted;
      gradient[row * classes + c] = (Math.exp(z - lse) - wanted) / counted;
    });
  });
  return { loss, gradient };
}

describe('the cross-entropy over a vocabulary, smoothed, is what its definition says in float64', () => {
  const right = expected();

  test.each(['composed', 'in SIMD kernels'])('%s', async (how) => {
    (await startBackend('tfjs-wasm', { wasmPaths })).activate();
    const heap = await openWasmHeap();
    if (heap === null) throw new Error('This engine has no SIMD.');
    const { loss, gradient } = compute(how === 'composed' ? crossEntropy : wasmCrossEntropy(heap));
    expect(Math.abs(loss / right.loss - 1)).toBeLessThan(2e-6);
    const furthest = gradient.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - (right.gradient[i] ?? NaN))),
      0,
    );
    // The largest gradients are those of targets, near 1 ÷ the rows that count.
    expect(furthest * rows).toBeLessThan(2e-6);
  });
});
