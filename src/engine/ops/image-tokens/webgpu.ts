import type { Lowering } from '../../webgpu/lowering';
import { gradientMode } from '../../webgpu/lower-backward';
import type { OpLowering } from '../lowering';
import { imageTokensBackward, imageTokensForward } from './kernels';
import type { ImageTokensNode } from './node';

export const imageTokensLowering: OpLowering<ImageTokensNode> = {
  saves: () => false,

  forward(lowering, node) {
    const at = lowering.operand.bind(lowering);
    const first = node.classEmbedding === null ? [] : [at(node.classEmbedding)];
    const operands = [at(node.patches), ...first, at(node.positions), at(node.y)];
    lowering.builder.dispatch(imageTokensForward(shapeOf(lowering, node)), operands);
  },

  backward(pass, step) {
    const { lowering } = pass;
    const { node } = step;
    const kernel = imageTokensBackward(shapeOf(lowering, node), {
      patches: gradientMode(step, node.patches),
      classEmbedding: node.classEmbedding === null ? 'none' : gradientMode(step, node.classEmbedding),
      positions: gradientMode(step, node.positions),
    });
    const wanted = [node.patches, node.classEmbedding, node.positions].flatMap((id) =>
      id !== null && step.gradients.has(id) ? [id] : [],
    );
    lowering.builder.dispatch(kernel, [pass.gradient(node.y), ...wanted.map((id) => pass.gradient(id))]);
  },
};

function shapeOf(lowering: Lowering, node: ImageTokensNode) {
  const [rows, width] = lowering.matrix(node.patches);
  return { batch: node.batch, patches: rows / node.batch, width, classToken: node.classEmbedding !== null };
}
