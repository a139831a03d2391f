import type { Lowering } from '../../webgpu/lowering';
import type { OpLowering } from '../lowering';
import { writeRows, writeRowsBackward } from './kernels';
import type { WriteRowsNode } from './node';

export const writeRowsLowering: OpLowering<WriteRowsNode> = {
  saves: () => false,

  forward(lowering, node) {
    const at = lowering.operand.bind(lowering);
    lowering.place(node.y, at(node.state));
    const offsets = node.offsets === null ? [] : [at(node.offsets)];
    lowering.builder.dispatch(writeRows(shapeOf(lowering, node)), [at(node.x), at(node.state), ...offsets]);
  },

  backward(pass, { node, gradients, accumulate }) {
    if (!gradients.has(node.x)) return;
    const { lowering } = pass;
    const kernel = writeRowsBackward(shapeOf(lowering, node), { accumulate: accumulate.has(node.x) });
    const offsets = node.offsets === null ? [] : [lowering.operand(node.offsets)];
    lowering.builder.dispatch(kernel, [pass.gradient(node.y), pass.gradient(node.x), ...offsets]);
  },
};

function shapeOf(lowering: Lowering, { state, x, batch, offsets }: WriteRowsNode) {
  const [places, width] = lowering.matrix(state);
  const [rows] = lowering.matrix(x);
  return { batch, tokens: rows / batch, capacity: places / batch, width, offsets: offsets !== null };
}
