import { gather, reshape, scatterND, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { EngineError } from '../../executor';
import type { OpRule, RunContext } from '../../tfjs/rule';
import type { GatherRowsNode } from './node';

export const gatherRows: OpRule<GatherRowsNode> = {
  saves: () => false,

  backwardReads: () => [],

  forward(node, context) {
    const { tokens, width, sequences, index } = extents(node, context);
    const x = reshape(context.tensor(node.x), [sequences, tokens * width]);
    const y = gather(x, tensor(index, [index.length], 'int32'));
    return { y: reshape(y, [index.length * tokens, width]), saved: [] };
  },

  backward(node, dy, _saved, wanted, context) {
    if (!wanted.has(node.x)) return [];
    const { tokens, width, sequences, index } = extents(node, context);
    const rows = reshape(dy, [index.length, tokens * width]);
    const summed: Tensor = scatterND(tensor(index, [index.length, 1], 'int32'), rows, [sequences, tokens * width]);
    return [[node.x, reshape(summed, [sequences * tokens, width])]];
  },
};

export function extents({ x, index: at, tokens }: GatherRowsNode, context: RunContext) {
  const [rows = 0, width = 0] = context.shape(x);
  const sequences = rows / tokens;
  const index = Int32Array.from(context.input(at));
  const beyond = index.find((sequence) => sequence < 0 || sequence >= sequences);
  if (beyond !== undefined) {
    throw new EngineError('validation', `There are ${sequences} sequences and none with the number ${beyond}.`);
  }
  return { tokens, width, sequences, index };
}
