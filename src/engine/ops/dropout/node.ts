import type { ValueId } from '../../graph/value';
import { fits, keepsNothing, type NodeBuilder, type Operation } from '../operation';

/**
 * In training, elements of x are 0 with the given probability and `1 / (1 - probability)` times as large else (Srivastava et al. 2014); in
 * inference x is handed on as it is.
 */
export interface DropoutNode {
  readonly op: 'dropout';
  readonly x: ValueId;
  /** 0…<1. */
  readonly probability: number;
  readonly y: ValueId;
}

export const dropoutOperation: Operation<DropoutNode> = {
  ...keepsNothing,
  op: 'dropout',
  reads: ['x'],
  shape({ x, probability }, shapeOf) {
    fits(probability >= 0 && probability < 1, 'dropout: its probability lies in 0…<1');
    return shapeOf(x);
  },
};

/** Without a chance of dropping anything it adds no node. */
export function dropout(builder: NodeBuilder<DropoutNode>, x: ValueId, probability: number): ValueId {
  return probability === 0 ? x : builder.add({ op: 'dropout', x, probability });
}
