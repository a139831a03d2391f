import type { ValueId } from '../../graph/value';
import { fits, keepsNothing, matrixOf, type NodeBuilder, type Operation } from '../operation';

/** A mixture of two matrices by a learned share for each element: `y = σ(gate) ⊙ a + (1 - σ(gate)) ⊙ b`, all `[rows, columns]`. */
export interface GateNode {
  readonly op: 'gate';
  readonly gate: ValueId;
  readonly a: ValueId;
  readonly b: ValueId;
  readonly y: ValueId;
}

export const gateOperation: Operation<GateNode> = {
  ...keepsNothing,
  op: 'gate',
  reads: ['gate', 'a', 'b'],
  shape({ gate, a, b }, shapeOf) {
    const [rows, columns] = matrixOf(shapeOf(gate), 'the gate of gate');
    for (const id of [a, b]) {
      const [otherRows, otherColumns] = matrixOf(shapeOf(id), 'what gate mixes');
      fits(rows === otherRows && columns === otherColumns, 'gate: all three must be of one shape');
    }
    fits(new Set([gate, a, b]).size === 3, 'gate: its three values must be different ones');
    return [rows, columns];
  },
  keptForBackward: ({ gate, a, b }) => [gate, a, b],
};

export function gate(builder: NodeBuilder<GateNode>, gate: ValueId, a: ValueId, b: ValueId): ValueId {
  return builder.add({ op: 'gate', gate, a, b });
}
