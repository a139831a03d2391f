import { attentionBackward, attentionForward } from './kernels';
import type { Lowering } from '../../webgpu/lowering';
import type { Operand } from '../../webgpu/plan';
import type { OpLowering } from '../lowering';
import type { AttentionNode } from './node';

/** What forward leaves: the logarithm of each query's sum of exponentials. */
interface Saved {
  readonly logSumExp: Operand;
}

export const attentionLowering: OpLowering<AttentionNode> = {
  saves: () => true,

  forward(lowering, node, save) {
    const at = lowering.operand.bind(lowering);
    const options = { ...optionsOf(lowering, node), saveLogSumExp: save };
    const kernel = attentionForward(node, options, lowering.attentionVariant(node));
    const operands = [at(node.qkv), ...extras(lowering, node), at(node.y)];
    if (save) {
      const logSumExp = lowering.scratch(node.batch * node.heads * node.tokens);
      operands.push(logSumExp);
      lowering.keep<Saved>(node, { logSumExp });
    }
    lowering.builder.dispatch(kernel, operands);
  },

  backward(pass, step) {
    const { lowering } = pass;
    const { node } = step;
    const at = lowering.operand.bind(lowering);
    const { logSumExp } = lowering.kept<Saved>(node);
    const dy = pass.gradient(node.y);
    const more = extras(lowering, node);
    const delta = lowering.scratch(node.batch * node.heads * node.tokens);
    const [query, keyValue] = attentionBackward(node, optionsOf(lowering, node), lowering.attentionVariant(node));
    pass.overwriting(step, node.qkv, (target) => {
      lowering.builder.dispatch(query, [at(node.qkv), at(node.y), dy, logSumExp, ...more, target, delta]);
      lowering.builder.dispatch(keyValue, [at(node.qkv), dy, logSumExp, delta, ...more, target]);
    });
  },
};

function optionsOf(lowering: Lowering, node: AttentionNode) {
  return {
    causal: node.causal,
    lengths: node.lengths !== null,
    dropout: dropoutOf(lowering, node),
    salt: lowering.salt(node),
  };
}

/** Bindings that attention adds where it masks or drops: key lengths, then the scalars. */
function extras(lowering: Lowering, node: AttentionNode): readonly Operand[] {
  const operands: Operand[] = [];
  if (node.lengths !== null) operands.push(lowering.operand(node.lengths));
  if (dropoutOf(lowering, node) > 0 && lowering.scalars !== null) operands.push(lowering.scalars);
  return operands;
}

/** Dropout that applies: none where there are no per-step seeds, as in evaluation. */
function dropoutOf(lowering: Lowering, node: AttentionNode): number {
  return lowering.scalars === null ? 0 : node.dropout;
}
