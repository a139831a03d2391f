import type { Lowering } from '../../webgpu/lowering';
import type { OpLowering } from '../lowering';
import { gatherRowsBackward, gatherRowsForward } from './kernels';
import type { GatherRowsNode } from './node';

export const gatherRowsLowering: OpLowering<GatherRowsNode> = {
  saves: () => false,

  forward(lowering, node) {
    const at = lowering.operand.bind(lowering);
    lowering.builder.dispatch(gatherRowsForward(shapeOf(lowering, node)), [at(node.x), at(node.index), at(node.y)]);
  },

  backward(pass, { node, gradients, accumulate }) {
    if (!gradients.has(node.x)) return;
    const { lowering } = pass;
    const kernel = gatherRowsBackward(shapeOf(lowering, node), { accumulate: accumulate.has(node.x) });
    const operands = [pass.gradient(node.y), lowering.operand(node.index), pass.gradient(node.x)];
    lowering.builder.dispatch(kernel, operands);
  },
};

function shapeOf(lowering: Lowering, { x, index, tokens }: GatherRowsNode) {
  const [rows, width] = lowering.matrix(x);
  return { batch: lowering.count(index), sequences: rows / tokens, tokens, width };
}
