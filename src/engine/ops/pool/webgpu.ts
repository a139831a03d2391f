import type { Lowering } from '../../webgpu/lowering';
import type { OpLowering } from '../lowering';
import { poolBackward, poolForward } from './kernels';
import type { PoolNode } from './node';

export const poolLowering: OpLowering<PoolNode> = {
  saves: () => false,

  forward(lowering, node) {
    const at = lowering.operand.bind(lowering);
    const index = node.index === null ? [] : [at(node.index)];
    lowering.builder.dispatch(poolForward(shapeOf(lowering, node)), [at(node.x), at(node.y), ...index]);
  },

  backward(pass, { node, accumulate }) {
    const { lowering } = pass;
    const kernel = poolBackward(shapeOf(lowering, node), { accumulate: accumulate.has(node.x) });
    const index = node.index === null ? [] : [lowering.operand(node.index)];
    lowering.builder.dispatch(kernel, [pass.gradient(node.y), pass.gradient(node.x), ...index]);
  },
};

function shapeOf(lowering: Lowering, { x, batch, tokens, index, row }: PoolNode) {
  const [, width] = lowering.matrix(x);
  return { batch, tokens, width, row: index === null ? row : 'indexed' } as const;
}
