import type { OpLowering } from '../lowering';
import { normalizeBackward, normalizeForward } from './kernels';
import type { NormalizeNode } from './node';

export const normalizeLowering: OpLowering<NormalizeNode> = {
  saves: () => false,

  forward(lowering, node) {
    const [rows, columns] = lowering.matrix(node.x);
    const kernel = normalizeForward({ rows, columns }, { target: lowering.choice.target });
    lowering.builder.dispatch(kernel, [lowering.operand(node.x), lowering.operand(node.y)]);
  },

  backward(pass, { node, accumulate }) {
    const { lowering } = pass;
    const [rows, columns] = lowering.matrix(node.x);
    const kernel = normalizeBackward(
      { rows, columns },
      { accumulate: accumulate.has(node.x), target: lowering.choice.target },
    );
    lowering.builder.dispatch(kernel, [lowering.operand(node.x), pass.gradient(node.y), pass.gradient(node.x)]);
  },
};
