import type { Operand } from '../../webgpu/plan';
import type { OpLowering } from '../lowering';
import { matrixOf } from '../operation';
import { layerNormBackwardInput, layerNormBackwardParameters, layerNormForward, layerNormSlices } from './kernels';
import type { LayerNormNode } from './node';

/** What forward leaves: mean and reciprocal standard deviation of each row. */
interface Saved {
  readonly statistics: Operand;
}

export const layerNormLowering: OpLowering<LayerNormNode> = {
  saves: () => true,

  forward(lowering, node, save) {
    const at = lowering.operand.bind(lowering);
    const [rows, columns] = lowering.matrix(node.x);
    const kernel = layerNormForward(
      { rows, columns },
      { epsilon: node.epsilon, saveStatistics: save, target: lowering.choice.target },
    );
    const operands = [at(node.x), at(node.weight), at(node.bias), at(node.y)];
    if (save) {
      const statistics = lowering.scratch(2 * rows);
      operands.push(statistics);
      lowering.keep<Saved>(node, { statistics });
    }
    lowering.builder.dispatch(kernel, operands);
  },

  backward(pass, { node, gradients, accumulate }) {
    const { lowering, sinks } = pass;
    const { builder } = lowering;
    const { target } = lowering.choice;
    const [rows, columns] = lowering.matrix(node.x);
    const shape = { rows, columns };
    const { statistics } = lowering.kept<Saved>(node);
    const dy = pass.gradient(node.y);
    const x = lowering.operand(node.x);
    const parameters = [node.weight, node.bias];
    if (parameters.some((id) => gradients.has(id))) {
      const slices = layerNormSlices(shape, target);
      const into = parameters.flatMap((parameter, index) =>
        gradients.has(parameter)
          ? [{ parameter, start: index * columns, count: columns, accumulate: accumulate.has(parameter) }]
          : [],
      );
      const partials = sinks.partialSums({ slices, stride: 2 * columns, into });
      builder.dispatch(layerNormBackwardParameters(shape, { slices }), [x, statistics, dy, partials]);
    }
    if (gradients.has(node.x)) {
      const kernel = layerNormBackwardInput(shape, { accumulate: accumulate.has(node.x), target });
      builder.dispatch(kernel, [x, lowering.operand(node.weight), statistics, dy, pass.gradient(node.x)]);
    }
  },

  partialSums(node, wanted, shapeOf, target) {
    if (!wanted.has(node.weight) && !wanted.has(node.bias)) return null;
    const [rows, columns] = matrixOf(shapeOf(node.x), 'the x of layerNorm');
    return { slices: layerNormSlices({ rows, columns }, target), stride: 2 * columns };
  },
};
