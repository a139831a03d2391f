import type { Lowering } from '../../webgpu/lowering';
import type { OpLowering } from '../lowering';
import { matrixOf } from '../operation';
import {
  fillMissingBackward,
  fillMissingFill,
  fillMissingForward,
  fillMissingSlices,
  type FillMissingShape,
} from './kernels';
import type { FillMissingNode } from './node';

export const fillMissingLowering: OpLowering<FillMissingNode> = {
  saves: () => false,

  forward(lowering, node) {
    const operands = [node.x, node.present, node.fill, node.y].map((id) => lowering.operand(id));
    lowering.builder.dispatch(fillMissingForward(shapeOf(lowering, node)), operands);
  },

  backward(pass, { node, gradients, accumulate }) {
    const { lowering, sinks } = pass;
    const { builder } = lowering;
    const shape = shapeOf(lowering, node);
    const dy = pass.gradient(node.y);
    const present = lowering.operand(node.present);
    if (gradients.has(node.fill)) {
      const slices = fillMissingSlices(shape);
      const { width } = shape;
      const into = [{ parameter: node.fill, start: 0, count: width, accumulate: accumulate.has(node.fill) }];
      const partials = sinks.partialSums({ slices, stride: width, into });
      builder.dispatch(fillMissingFill(shape, { slices }), [dy, present, partials]);
    }
    if (gradients.has(node.x)) {
      const kernel = fillMissingBackward(shape, { accumulate: accumulate.has(node.x) });
      builder.dispatch(kernel, [dy, present, pass.gradient(node.x)]);
    }
  },

  partialSums({ x, fill, batch }, wanted, valueShape) {
    if (!wanted.has(fill)) return null;
    const [rows, width] = matrixOf(valueShape(x), 'the x of fillMissing');
    return { slices: fillMissingSlices({ batch, tokens: rows / batch, width }), stride: width };
  },
};

function shapeOf(lowering: Lowering, { x, batch }: FillMissingNode): FillMissingShape {
  const [rows, width] = lowering.matrix(x);
  return { batch, tokens: rows / batch, width };
}
