import { beforeAll, describe, test } from 'vitest';
import type { GraphNode } from '../../graph/ir';
import { startBackend } from '../backend';
import { checkOp } from '../testing/op-check';
import { composedRules } from '.';

const wasmPaths = 'node_modules/@tensorflow/tfjs-backend-wasm/dist/';

describe.each(['tfjs-cpu', 'tfjs-wasm'] as const)('operations on %s match PyTorch', (kind) => {
  beforeAll(async () => {
    const backend = await startBackend(kind, { wasmPaths });
    backend.activate();
  });

  describe.each(Object.keys(composedRules) as GraphNode['op'][])('%s', (op) => {
    checkOp(composedRules, op, test);
  });
});
