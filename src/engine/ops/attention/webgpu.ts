import { attentionBackward, attentionForward } from './kernels';
import type { ValueId } from '../../graph/value';
import { positionsBackward } from '../token-embedding/kernels';
import type { BackwardLowering } from '../../webgpu/lower-backward';
import type { Lowering } from '../../webgpu/lowering';
import type { Operand } from '../../webgpu/plan';
import type { OpLowering, StepOf } from '../lowering';
import { sourcesOf, type AttentionNode } from './node';
import type { AttentionShape } from './problem';
import { attentionShape } from './shape';
import { attentionVariant } from './tuning';

/** What forward leaves: the logarithm of each query's sum of exponentials, with room for `delta` behind them where keys lie apart (`deltaAt`). */
interface Saved {
  readonly logSumExp: Operand;
}

export const attentionLowering: OpLowering<AttentionNode> = {
  saves: () => true,

  forward(lowering, node, save) {
    const shape = attentionShape(node, lowering.shape.bind(lowering));
    const options = { ...optionsOf(lowering, node), saveLogSumExp: save };
    const kernel = attentionForward(shape, options, attentionVariant(lowering.choice, shape));
    const operands = [...inputs(lowering, node), ...extras(lowering, node), lowering.operand(node.y)];
    if (save) {
      const rows = node.batch * node.heads * node.tokens;
      const logSumExp = lowering.scratch(node.qkv === null ? 2 * rows : rows);
      operands.push(logSumExp);
      lowering.keep<Saved>(node, { logSumExp });
    }
    lowering.builder.dispatch(kernel, operands);
  },

  backward(pass, step) {
    const { lowering } = pass;
    const { node } = step;
    const shape = attentionShape(node, lowering.shape.bind(lowering));
    const { logSumExp } = lowering.kept<Saved>(node);
    const [y, dy] = [lowering.operand(node.y), pass.gradient(node.y)];
    const more = extras(lowering, node);
    const [query, keyValue] = attentionBackward(
      shape,
      optionsOf(lowering, node),
      attentionVariant(lowering.choice, shape),
    );
    const read = inputs(lowering, node);
    const { builder } = lowering;
    const sources = sourcesOf(node);
    if (sources.kind === 'together') {
      const delta = lowering.scratch(node.batch * node.heads * node.tokens);
      pass.overwriting(step, sources.qkv, (target) => {
        builder.dispatch(query, [...read, y, dy, logSumExp, ...more, target, delta]);
        builder.dispatch(keyValue, [...read, dy, logSumExp, delta, ...more, target]);
      });
      return;
    }
    // The gradient of the keys needs what the kernel of the queries leaves, so that runs in any case.
    queryGradient(pass, step, sources.query, shape, (target) => {
      builder.dispatch(query, [...read, y, dy, logSumExp, ...more, target]);
    });
    if (step.gradients.has(sources.keyValue)) {
      pass.overwriting(step, sources.keyValue, (target) => {
        builder.dispatch(keyValue, [...read, dy, logSumExp, ...more, target]);
      });
    }
  },
};

/** Has the gradient of queries that lie apart written to where it belongs; that of shared queries is summed over the batch, in a fixed order. */
function queryGradient(
  pass: BackwardLowering,
  step: StepOf<AttentionNode>,
  query: ValueId,
  { batch, tokens, heads, headSize, apart }: AttentionShape,
  write: (target: Operand) => void,
): void {
  const { lowering } = pass;
  const wanted = step.gradients.has(query);
  if (wanted && apart?.sharedQueries !== true) {
    pass.overwriting(step, query, write);
    return;
  }
  const width = heads * headSize;
  const each = lowering.scratch(batch * tokens * width);
  write(each);
  if (!wanted) return;
  const sum = positionsBackward({ batch, tokens, width }, { accumulate: step.accumulate.has(query) });
  lowering.builder.dispatch(sum, [each, pass.gradient(query)]);
}

/** Bindings of what is attended with. */
function inputs(lowering: Lowering, node: AttentionNode): readonly Operand[] {
  const sources = sourcesOf(node);
  const ids = sources.kind === 'together' ? [sources.qkv] : [sources.query, sources.keyValue];
  return ids.map((id) => lowering.operand(id));
}

function optionsOf(lowering: Lowering, node: AttentionNode) {
  return {
    causal: node.causal,
    lengths: node.lengths !== null,
    offsets: node.offsets !== null,
    dropout: dropoutOf(lowering, node),
    salt: lowering.salt(node),
  };
}

/** Bindings that attention adds where it masks or drops: key lengths, offsets of queries, then the scalars. */
function extras(lowering: Lowering, node: AttentionNode): readonly Operand[] {
  const operands = [node.lengths, node.offsets].flatMap((id) => (id === null ? [] : [lowering.operand(id)]));
  if (dropoutOf(lowering, node) > 0 && lowering.scalars !== null) operands.push(lowering.scalars);
  return operands;
}

/** Dropout that applies: none where there are no per-step seeds, as in evaluation. */
function dropoutOf(lowering: Lowering, node: AttentionNode): number {
  return lowering.scalars === null ? 0 : node.dropout;
}
