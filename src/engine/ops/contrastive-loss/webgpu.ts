import type { Operand } from '../../webgpu/plan';
import type { OpLowering } from '../lowering';
import { contrastivePairGradients, contrastiveStatistics } from './kernels';
import type { ContrastiveLossNode } from './node';
import { pairSimilarities } from './pairs';
import { throughPairs } from './pairs-webgpu';

/** What forward leaves: the unscaled similarities `[batch, batch]`, and four numbers for each sample. */
interface Saved {
  readonly similarities: Operand;
  readonly statistics: Operand;
}

export const contrastiveLossLowering: OpLowering<ContrastiveLossNode> = {
  saves: () => true,

  forward(lowering, node) {
    const at = lowering.operand.bind(lowering);
    const [batch, width] = lowering.matrix(node.image);
    const similarities = lowering.scratch(batch * batch);
    const statistics = lowering.scratch(4 * batch);
    lowering.builder.dispatch(pairSimilarities({ batch, width }), [at(node.image), at(node.text), similarities]);
    const kernel = contrastiveStatistics(batch, {
      labelSmoothing: node.labelSmoothing,
      cooperative: lowering.choice.target.cooperative,
      scaled: lowering.mixed !== null,
    });
    lowering.builder.dispatch(kernel, [
      similarities,
      at(node.logitScale),
      at(node.imageKeys),
      at(node.textKeys),
      statistics,
      at(node.y),
      ...(lowering.mixed === null ? [] : [lowering.mixed.scaling]),
    ]);
    lowering.keep<Saved>(node, { similarities, statistics });
  },

  backward(pass, step) {
    const { lowering } = pass;
    const { node } = step;
    const at = lowering.operand.bind(lowering);
    const [batch] = lowering.matrix(node.image);
    const { similarities, statistics } = lowering.kept<Saved>(node);
    const pairs = contrastivePairGradients(batch, { labelSmoothing: node.labelSmoothing });
    const keys = [at(node.imageKeys), at(node.textKeys)];
    lowering.builder.dispatch(pairs, [similarities, at(node.logitScale), ...keys, statistics, at(node.y)]);
    throughPairs(pass, step, similarities, { logitScale: node.logitScale, logitBias: null });
  },
};
