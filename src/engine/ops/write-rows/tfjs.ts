import { gather, tensor, tensorScatterUpdate } from '@tensorflow/tfjs-core';
import { EngineError } from '../../executor';
import type { OpRule, RunContext } from '../../tfjs/rule';
import type { WriteRowsNode } from './node';

export const writeRows: OpRule<WriteRowsNode> = {
  saves: () => false,

  backwardReads: () => [],

  forward(node, context) {
    const rows = writtenRows(node, context);
    const places = tensor(rows, [rows.length, 1], 'int32');
    const y = tensorScatterUpdate(context.tensor(node.state), places, context.tensor(node.x));
    context.write(node.state, y);
    return { y, saved: [] };
  },

  backward(node, dy, _saved, wanted, context) {
    if (!wanted.has(node.x)) return [];
    const rows = writtenRows(node, context);
    return [[node.x, gather(dy, tensor(rows, [rows.length], 'int32'))]];
  },
};

/** Rows of the state that are written, in the order of x. */
export function writtenRows({ state, x, batch, offsets }: WriteRowsNode, context: RunContext): Int32Array {
  const [places = 0] = context.shape(state);
  const [rows = 0] = context.shape(x);
  const [capacity, tokens] = [places / batch, rows / batch];
  const starts = offsets === null ? null : context.input(offsets);
  return Int32Array.from({ length: rows }, (_, row) => {
    const sequence = Math.floor(row / tokens);
    const start = starts?.[sequence] ?? 0;
    if (start < 0 || start + tokens > capacity) {
      throw new EngineError('validation', `A state of ${capacity} rows has no room for ${tokens} at row ${start}.`);
    }
    return sequence * capacity + start + (row % tokens);
  });
}
