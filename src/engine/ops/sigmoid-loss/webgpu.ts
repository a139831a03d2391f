import type { Lowering } from '../../webgpu/lowering';
import type { Operand } from '../../webgpu/plan';
import { pairSimilarities } from '../contrastive-loss/pairs';
import { throughPairs } from '../contrastive-loss/pairs-webgpu';
import type { OpLowering } from '../lowering';
import { sigmoidPairGradients, sigmoidPairs } from './kernels';
import type { SigmoidLossNode } from './node';

/** What forward leaves: the unscaled similarities `[batch, batch]`. */
interface Saved {
  readonly similarities: Operand;
}

export const sigmoidLossLowering: OpLowering<SigmoidLossNode> = {
  saves: () => true,

  forward(lowering, node) {
    const at = lowering.operand.bind(lowering);
    const [batch, width] = lowering.matrix(node.image);
    const similarities = lowering.scratch(batch * batch);
    lowering.builder.dispatch(pairSimilarities({ batch, width }), [at(node.image), at(node.text), similarities]);
    const { cooperative } = lowering.choice.target;
    const kernel = sigmoidPairs(batch, { cooperative, scaled: lowering.mixed !== null });
    const scaling = lowering.mixed === null ? [] : [lowering.mixed.scaling];
    lowering.builder.dispatch(kernel, [similarities, ...constants(lowering, node), at(node.y), ...scaling]);
    lowering.keep<Saved>(node, { similarities });
  },

  backward(pass, step) {
    const { lowering } = pass;
    const { node } = step;
    const [batch] = lowering.matrix(node.image);
    const { similarities } = lowering.kept<Saved>(node);
    const operands = [similarities, ...constants(lowering, node), lowering.operand(node.y)];
    lowering.builder.dispatch(sigmoidPairGradients(batch), operands);
    throughPairs(pass, step, similarities, node);
  },
};

function constants(lowering: Lowering, { logitScale, logitBias, imageKeys, textKeys }: SigmoidLossNode): Operand[] {
  return [logitScale, logitBias, imageKeys, textKeys].map((id) => lowering.operand(id));
}
