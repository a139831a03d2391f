import type { Lowering } from '../../webgpu/lowering';
import type { Operand } from '../../webgpu/plan';
import type { OpLowering } from '../lowering';
import { crossEntropyBackward, crossEntropyLoss, crossEntropyRows } from './kernels';
import type { CrossEntropyNode } from './node';

/** What forward leaves: four numbers for each row, see `crossEntropyRows`. */
interface Saved {
  readonly statistics: Operand;
}

export const crossEntropyLowering: OpLowering<CrossEntropyNode> = {
  saves: () => true,

  forward(lowering, node) {
    const { builder, choice, mixed } = lowering;
    const at = lowering.operand.bind(lowering);
    const [rows, classes] = lowering.matrix(node.logits);
    const statistics = lowering.scratch(4 * rows);
    const kernel = crossEntropyRows({ rows, classes }, optionsOf(node), choice.target);
    builder.dispatch(kernel, [at(node.logits), at(node.targets), statistics, ...weights(lowering, node)]);
    const sums = crossEntropyLoss(rows, {
      cooperative: choice.target.cooperative,
      scaled: mixed !== null,
      summed: node.reduction === 'sum',
    });
    builder.dispatch(sums, [statistics, at(node.y), ...(mixed === null ? [] : [mixed.scaling])]);
    lowering.keep<Saved>(node, { statistics });
  },

  backward(pass, { node, accumulate }) {
    const { lowering } = pass;
    const at = lowering.operand.bind(lowering);
    const [rows, classes] = lowering.matrix(node.logits);
    const { statistics } = lowering.kept<Saved>(node);
    const kernel = crossEntropyBackward(
      { rows, classes },
      { ...optionsOf(node), accumulate: accumulate.has(node.logits) },
    );
    lowering.builder.dispatch(kernel, [
      at(node.logits),
      at(node.targets),
      statistics,
      at(node.y),
      pass.gradient(node.logits),
      ...weights(lowering, node),
    ]);
  },
};

function optionsOf({ rowWeights, classWeights, labelSmoothing, focus }: CrossEntropyNode) {
  return { rowWeights: rowWeights !== null, classWeights: classWeights !== null, labelSmoothing, focus };
}

function weights(lowering: Lowering, { rowWeights, classWeights }: CrossEntropyNode): readonly Operand[] {
  return [rowWeights, classWeights].flatMap((id) => (id === null ? [] : [lowering.operand(id)]));
}
