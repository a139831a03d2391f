import type { Lowering } from '../../webgpu/lowering';
import type { OpLowering } from '../lowering';
import { positionsBackward, tokenEmbeddingBackwardTable, tokenEmbeddingForward, tokenLinks } from './kernels';
import type { TokenEmbeddingNode } from './node';

export const tokenEmbeddingLowering: OpLowering<TokenEmbeddingNode> = {
  saves: () => false,

  forward(lowering, node) {
    const at = lowering.operand.bind(lowering);
    const kernel = tokenEmbeddingForward(shapeOf(lowering, node));
    lowering.builder.dispatch(kernel, [
      at(node.ids),
      at(node.table),
      at(node.positions),
      at(node.y),
      ...offsetsOf(lowering, node),
    ]);
  },

  backward(pass, { node, gradients, accumulate }) {
    const { lowering } = pass;
    const { builder } = lowering;
    const shape = shapeOf(lowering, node);
    const dy = pass.gradient(node.y);
    if (gradients.has(node.table)) {
      const ids = lowering.operand(node.ids);
      const links = lowering.scratch(2 * shape.batch * shape.tokens);
      const add = accumulate.has(node.table);
      if (!add) pass.sinks.clear(node.table);
      builder.dispatch(tokenLinks(shape), [ids, links]);
      const kernel = tokenEmbeddingBackwardTable(shape, { accumulate: add, padding: node.padding });
      builder.dispatch(kernel, [ids, links, dy, pass.gradient(node.table)]);
    }
    if (gradients.has(node.positions)) {
      const kernel = positionsBackward(shape, { accumulate: accumulate.has(node.positions) });
      builder.dispatch(kernel, [dy, pass.gradient(node.positions), ...offsetsOf(lowering, node)]);
    }
  },
};

function shapeOf(lowering: Lowering, node: TokenEmbeddingNode) {
  const [batch, tokens] = lowering.matrix(node.ids);
  const [vocabulary, width] = lowering.matrix(node.table);
  const [places] = lowering.matrix(node.positions);
  return { batch, tokens, width, vocabulary, places: node.offsets === null ? undefined : places };
}

function offsetsOf(lowering: Lowering, { offsets }: TokenEmbeddingNode) {
  return offsets === null ? [] : [lowering.operand(offsets)];
}
