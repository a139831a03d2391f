import type { ValueId } from '../../graph/ir';
import { gradientMode } from '../../webgpu/lower-backward';
import type { Operand } from '../../webgpu/plan';
import type { OpLowering } from '../lowering';
import {
  contrastiveBackward,
  contrastivePairGradients,
  contrastiveSimilarities,
  contrastiveStatistics,
} from './kernels';
import type { ContrastiveLossNode } from './node';

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
    lowering.builder.dispatch(contrastiveSimilarities({ batch, width }), [at(node.image), at(node.text), similarities]);
    const kernel = contrastiveStatistics(
      { batch, width },
      {
        labelSmoothing: node.labelSmoothing,
        cooperative: lowering.choice.target.cooperative,
        scaled: lowering.mixed !== null,
      },
    );
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
    const { node, gradients, accumulate } = step;
    const at = lowering.operand.bind(lowering);
    const [batch, width] = lowering.matrix(node.image);
    const { similarities, statistics } = lowering.kept<Saved>(node);
    const logitScale = gradientMode(step, node.logitScale);
    const pairs = contrastivePairGradients({ batch, width }, { labelSmoothing: node.labelSmoothing });
    const keys = [at(node.imageKeys), at(node.textKeys)];
    lowering.builder.dispatch(pairs, [similarities, at(node.logitScale), ...keys, statistics, at(node.y)]);
    // The next kernel writes both features' gradients; where one tower is frozen, its half goes nowhere.
    const target = (id: ValueId): Operand =>
      gradients.has(id) && !accumulate.has(id) ? pass.gradient(id) : lowering.scratch(batch * width);
    const image = target(node.image);
    const text = target(node.text);
    const extra = logitScale === 'none' ? [] : [at(node.y), pass.gradient(node.logitScale)];
    const kernel = contrastiveBackward({ batch, width }, { logitScale });
    lowering.builder.dispatch(kernel, [similarities, at(node.image), at(node.text), image, text, ...extra]);
    if (accumulate.has(node.image)) pass.add(node.image, image, true);
    if (accumulate.has(node.text)) pass.add(node.text, text, true);
  },
};
