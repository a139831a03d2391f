import type { Lowering } from '../../webgpu/lowering';
import type { OpLowering } from '../lowering';
import { tokenMeanBackward, tokenMeanForward } from './kernels';
import type { TokenMeanNode } from './node';

export const tokenMeanLowering: OpLowering<TokenMeanNode> = {
  saves: () => false,

  forward(lowering, node) {
    const at = lowering.operand.bind(lowering);
    lowering.builder.dispatch(tokenMeanForward(shapeOf(lowering, node)), [at(node.x), at(node.y)]);
  },

  backward(pass, { node, accumulate }) {
    const { lowering } = pass;
    const kernel = tokenMeanBackward(shapeOf(lowering, node), { accumulate: accumulate.has(node.x) });
    lowering.builder.dispatch(kernel, [pass.gradient(node.y), pass.gradient(node.x)]);
  },
};

function shapeOf(lowering: Lowering, { x, batch, tokens, skipped }: TokenMeanNode) {
  const [, width] = lowering.matrix(x);
  return { batch, tokens, width, skipped };
}
