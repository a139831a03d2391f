import type { AttentionNode, ValueId } from '../../graph/ir';
import { attention } from '../ops/attention';
import { savedTensor, type OpRule, type RunContext } from '../rule';
import type { WasmHeap } from './heap';

/** Saves the result and two numbers per row of scores, from which backward computes the probabilities again. Dropout is left to the composed rule. */
export function wasmAttention(heap: WasmHeap): OpRule<AttentionNode> {
  const { kernels } = heap;
  const drops = (node: AttentionNode, context: RunContext): boolean => node.dropout > 0 && context.seed !== null;
  const lengths = (id: ValueId | null, context: RunContext): number =>
    id === null ? 0 : heap.address(context.tensor(id));
  return {
    backwardReads: (node) => [node.qkv],

    forward(node, context, keep) {
      if (drops(node, context)) return attention.forward(node, context, keep);
      const { batch, tokens, heads, headSize, causal } = node;
      const y = heap.allocate([batch * tokens, heads * headSize]);
      const softmax = heap.allocate([batch * heads, tokens, 2]);
      kernels.attentionForward(
        heap.address(context.tensor(node.qkv)),
        lengths(node.lengths, context),
        heap.address(y),
        heap.address(softmax),
        tokens,
        heads,
        headSize,
        Number(causal),
        0,
        batch * heads,
        heap.scratch(kernels.attentionScratchBytes(tokens, headSize)),
      );
      return { y, saved: keep ? [y.clone(), softmax] : [] };
    },

    backward(node, dy, saved, wanted, context) {
      if (drops(node, context)) return attention.backward(node, dy, saved, wanted, context);
      const { batch, tokens, heads, headSize, causal } = node;
      const dqkv = heap.allocate([batch * tokens, 3 * heads * headSize]);
      kernels.attentionBackward(
        heap.address(context.tensor(node.qkv)),
        lengths(node.lengths, context),
        heap.address(savedTensor(saved, 0)),
        heap.address(savedTensor(saved, 1)),
        heap.address(dy),
        heap.address(dqkv),
        tokens,
        heads,
        headSize,
        Number(causal),
        0,
        batch * heads,
        heap.scratch(kernels.attentionScratchBytes(tokens, headSize)),
      );
      return [[node.qkv, dqkv]];
    },
  };
}
