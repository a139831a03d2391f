import type { Lowering } from '../../webgpu/lowering';
import type { OpLowering } from '../lowering';
import { concatBackward, concatForward, type ConcatShape } from './kernels';
import type { ConcatNode } from './node';

export const concatLowering: OpLowering<ConcatNode> = {
  saves: () => false,

  forward(lowering, node) {
    const at = lowering.operand.bind(lowering);
    lowering.builder.dispatch(concatForward(shapeOf(lowering, node)), [at(node.left), at(node.right), at(node.y)]);
  },

  backward(pass, { node, gradients, accumulate }) {
    const { lowering } = pass;
    const shape = shapeOf(lowering, node);
    // One value may stand on both sides: then the second part is added to the first.
    const written = new Set(accumulate);
    for (const part of ['left', 'right'] as const) {
      const id = node[part];
      if (!gradients.has(id)) continue;
      const kernel = concatBackward(shape, { part, accumulate: written.has(id) });
      lowering.builder.dispatch(kernel, [pass.gradient(node.y), pass.gradient(id)]);
      written.add(id);
    }
  },
};

function shapeOf(lowering: Lowering, { left, right }: ConcatNode): ConcatShape {
  const [rows, a] = lowering.matrix(left);
  const [, b] = lowering.matrix(right);
  return { rows, left: a, right: b };
}
