import type { AttentionNode } from './node';
import { attention } from './tfjs';
import { savedTensor, type OpRule, type RunContext } from '../../tfjs/rule';
import type { WasmHeap } from '../../tfjs/wasm/heap';
import { ranges, type KernelCall } from '../../tfjs/wasm/runner';

/** Saves the result and two numbers per row of scores, from which backward computes the probabilities again. Dropout is left to the composed rule. */
export function wasmAttention(heap: WasmHeap): OpRule<AttentionNode> {
  const { kernels } = heap;
  const drops = (node: AttentionNode, context: RunContext): boolean => node.dropout > 0 && context.seed !== null;
  const operands = ({ qkv, lengths }: AttentionNode, context: RunContext): [qkv: number, lengths: number] => [
    heap.address(context.tensor(qkv)),
    lengths === null ? 0 : heap.address(context.tensor(lengths)),
  ];
  const overHeads = (
    { batch, tokens, heads, headSize }: AttentionNode,
    make: (from: number, to: number, scratch: number) => KernelCall,
  ): void => {
    const spaces = heap.scratch(kernels.attentionScratchBytes(tokens, headSize));
    const slices = ranges(batch * heads, heap.runner.threads, 1);
    heap.runner.run(slices.map(([from, to], thread) => make(from, to, spaces[thread] ?? 0)));
  };
  return {
    saves: () => true,

    backwardReads: (node) => [node.qkv],

    forward(node, context, keep) {
      if (drops(node, context)) return attention.forward(node, context, keep);
      const { batch, tokens, heads, headSize, causal } = node;
      const y = heap.allocate([batch * tokens, heads * headSize]);
      const softmax = heap.allocate([batch * heads, tokens, 2]);
      const [source, lengths] = operands(node, context);
      const [out, statistics] = [heap.address(y), heap.address(softmax)];
      overHeads(node, (from, to, scratch) => ({
        kernel: 'attentionForward',
        args: [source, lengths, out, statistics, tokens, heads, headSize, Number(causal), from, to, scratch],
      }));
      return { y, saved: keep ? [y.clone(), softmax] : [] };
    },

    backward(node, dy, saved, wanted, context) {
      if (drops(node, context)) return attention.backward(node, dy, saved, wanted, context);
      const { batch, tokens, heads, headSize, causal } = node;
      const dqkv = heap.allocate([batch * tokens, 3 * heads * headSize]);
      const [source, lengths] = operands(node, context);
      const [y, statistics] = [heap.address(savedTensor(saved, 0)), heap.address(savedTensor(saved, 1))];
      const ends = [heap.address(dy), heap.address(dqkv)];
      overHeads(node, (from, to, scratch) => ({
        kernel: 'attentionBackward',
        args: [source, lengths, y, statistics, ...ends, tokens, heads, headSize, Number(causal), from, to, scratch],
      }));
      return [[node.qkv, dqkv]];
    },
  };
}
