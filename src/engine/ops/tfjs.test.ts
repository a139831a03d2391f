import { beforeAll, describe, test } from 'vitest';
import type { GraphNode } from '.';
import { startBackend } from '../tfjs/backend';
import type { OpRules } from '../tfjs/rule';
import { checkOp } from '../tfjs/testing/op-check';
import { openWasmHeap } from '../tfjs/wasm/heap';
import { wasmRules } from './wasm';
import { composedRules } from './tfjs';

const wasmPaths = 'node_modules/@tensorflow/tfjs-backend-wasm/dist/';
const operations = Object.keys(composedRules) as GraphNode['op'][];

describe.each(['tfjs-cpu', 'tfjs-wasm'] as const)('operations composed on %s match PyTorch', (kind) => {
  beforeAll(async () => {
    const backend = await startBackend(kind, { wasmPaths });
    backend.activate();
  });

  describe.each(operations)('%s', (op) => {
    checkOp(() => composedRules, op, test);
  });
});

describe('operations in SIMD kernels match PyTorch', () => {
  let rules: OpRules = composedRules;

  beforeAll(async () => {
    const backend = await startBackend('tfjs-wasm', { wasmPaths });
    backend.activate();
    const heap = await openWasmHeap();
    if (heap === null) throw new Error('This engine has no SIMD.');
    rules = wasmRules(heap);
  });

  describe.each(operations)('%s', (op) => {
    checkOp(() => rules, op, test);
  });
});
