import { gather, scatterND, tensor } from '@tensorflow/tfjs-core';
import type { PoolNode } from './node';
import type { OpRule, RunContext } from '../../tfjs/rule';

export const pool: OpRule<PoolNode> = {
  saves: () => false,

  backwardReads: () => [],

  forward: (node, context) => ({
    y: gather(context.tensor(node.x), tensor(pooledRows(node, context), [node.batch], 'int32')),
    saved: [],
  }),

  backward(node, dy, _saved, _wanted, context) {
    const rows = tensor(pooledRows(node, context), [node.batch, 1], 'int32');
    const [, width = 0] = context.shape(node.x);
    return [[node.x, scatterND(rows, dy, [node.batch * node.tokens, width])]];
  },
};

/** Rows of x that are taken, one per sequence. */
export function pooledRows({ index, row, batch, tokens }: PoolNode, context: RunContext): Int32Array {
  const offsets = index === null ? null : context.input(index);
  const fixed = row === 'first' ? 0 : tokens - 1;
  return Int32Array.from({ length: batch }, (_, sample) => sample * tokens + (offsets?.[sample] ?? fixed));
}
