import type { Lowering } from '../../webgpu/lowering';
import type { Operand } from '../../webgpu/plan';
import type { OpLowering } from '../lowering';
import { elementLossBackward, elementLossRows, elementLossSum, type ElementLossOptions } from './kernels';
import type { ElementLossNode } from './node';

export const elementLossLowering: OpLowering<ElementLossNode> = {
  saves: () => false,

  forward(lowering, node) {
    const { builder, choice, mixed } = lowering;
    const at = lowering.operand.bind(lowering);
    const [rows, columns] = lowering.matrix(node.predicted);
    const statistics = lowering.scratch(2 * rows);
    const kernel = elementLossRows({ rows, columns }, optionsOf(node));
    builder.dispatch(kernel, [
      at(node.predicted),
      at(node.targets),
      at(node.weights),
      statistics,
      ...positive(lowering, node),
    ]);
    const sum = elementLossSum(rows, { cooperative: choice.target.cooperative, scaled: mixed !== null });
    builder.dispatch(sum, [statistics, at(node.y), ...(mixed === null ? [] : [mixed.scaling])]);
  },

  backward(pass, { node, accumulate }) {
    const { lowering } = pass;
    const at = lowering.operand.bind(lowering);
    const [rows, columns] = lowering.matrix(node.predicted);
    const kernel = elementLossBackward(
      { rows, columns },
      { ...optionsOf(node), accumulate: accumulate.has(node.predicted) },
    );
    lowering.builder.dispatch(kernel, [
      at(node.predicted),
      at(node.targets),
      at(node.weights),
      at(node.y),
      pass.gradient(node.predicted),
      ...positive(lowering, node),
    ]);
  },
};

function optionsOf({ cost, bend, positiveWeights }: ElementLossNode): ElementLossOptions {
  return { cost, bend, positive: positiveWeights !== null };
}

function positive(lowering: Lowering, { positiveWeights }: ElementLossNode): readonly Operand[] {
  return positiveWeights === null ? [] : [lowering.operand(positiveWeights)];
}
