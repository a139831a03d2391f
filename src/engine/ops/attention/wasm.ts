import type { Tensor } from '@tensorflow/tfjs-core';
import type { ValueId } from '../../graph/value';
import { sourcesOf, type AttentionNode } from './node';
import { savedTensor, type OpRule, type RunContext } from '../../tfjs/rule';
import { maskRule } from '../../tfjs/dropout';
import type { WasmHeap } from '../../tfjs/wasm/heap';
import { columnSums, productParts } from '../../tfjs/wasm/parallel';
import { ranges, type KernelCall } from '../../tfjs/wasm/runner';

/** Saves the result and two numbers per row of scores, from which backward computes the probabilities again, and draws again what was dropped of them. */
export function wasmAttention(heap: WasmHeap): OpRule<AttentionNode> {
  const { kernels } = heap;
  /** By what probabilities are dropped; all zeros where none are. */
  const dropped = ({ dropout, y }: AttentionNode, { seed }: RunContext): readonly number[] => {
    if (dropout === 0 || seed === null) return [0, 0, 0];
    const { threshold, start, kept } = maskRule(dropout, seed, y);
    return [threshold, start, kept];
  };

  /** Where queries and keys lie, then lengths and offsets: the first arguments of both kernels. */
  const operands = (node: AttentionNode, context: RunContext): readonly number[] => {
    const { batch, tokens, heads, headSize, lengths, offsets } = node;
    const width = heads * headSize;
    const optional = [lengths, offsets].map((id) => (id === null ? 0 : heap.address(context.tensor(id))));
    const sources = sourcesOf(node);
    if (sources.kind === 'together') {
      const qkv = heap.address(context.tensor(sources.qkv));
      return [qkv, 3 * width, tokens * 3 * width, qkv + 4 * width, 3 * width, ...optional];
    }
    const query = context.tensor(sources.query);
    const ofSequence = query.shape[0] === batch * tokens ? tokens * width : 0;
    const keys = heap.address(context.tensor(sources.keyValue));
    return [heap.address(query), width, ofSequence, keys, 2 * width, ...optional];
  };

  const overHeads = (
    { batch, tokens, keys, heads, headSize }: AttentionNode,
    make: (from: number, to: number, scratch: number) => KernelCall,
  ): void => {
    const spaces = heap.scratch(kernels.attentionScratchBytes(tokens, keys, headSize));
    const parts = productParts(heap, 2 * batch * heads * tokens * keys * headSize);
    const slices = ranges(batch * heads, parts, 1);
    heap.runner.run(slices.map(([from, to], thread) => make(from, to, spaces[thread] ?? 0)));
  };

  return {
    saves: () => true,

    backwardReads: ({ qkv, query, keyValue }) => [qkv, query, keyValue].filter((id) => id !== null),

    forward(node, context, keep) {
      const { batch, tokens, keys, heads, headSize, causal } = node;
      const y = heap.allocate([batch * tokens, heads * headSize]);
      const softmax = heap.allocate([batch * heads, tokens, 2]);
      const given = operands(node, context);
      const results = [heap.address(y), heap.address(softmax)];
      const sizes = [tokens, keys, heads, headSize, Number(causal), ...dropped(node, context)];
      overHeads(node, (from, to, scratch) => ({
        kernel: 'attentionForward',
        args: [...given, ...results, ...sizes, from, to, scratch],
      }));
      return { y, saved: keep ? [heap.share(y), softmax] : [] };
    },

    backward(node, dy, saved, wanted, context) {
      const { batch, tokens, keys, heads, headSize, causal } = node;
      const width = heads * headSize;
      const sources = sourcesOf(node);
      const given = [
        ...operands(node, context),
        heap.address(savedTensor(saved, 0)),
        heap.address(savedTensor(saved, 1)),
        heap.address(dy),
      ];
      const sizes = [tokens, keys, heads, headSize, Number(causal), ...dropped(node, context)];
      const run = (dQuery: number, dQueryRow: number, dKey: number): void => {
        overHeads(node, (from, to, scratch) => ({
          kernel: 'attentionBackward',
          args: [...given, dQuery, dQueryRow, dKey, ...sizes, from, to, scratch],
        }));
      };
      if (sources.kind === 'together') {
        const dqkv = heap.allocate([batch * tokens, 3 * width]);
        const start = heap.address(dqkv);
        run(start, 3 * width, start + 4 * width);
        return [[sources.qkv, dqkv]];
      }
      const dQuery = heap.allocate([batch * tokens, width]);
      const dKeyValue = heap.allocate([batch * keys, 2 * width]);
      run(heap.address(dQuery), width, heap.address(dKeyValue));
      const gradients: [ValueId, Tensor][] = [];
      if (wanted.has(sources.query)) {
        const shared = context.shape(sources.query)[0] !== batch * tokens;
        gradients.push([sources.query, shared ? summed(dQuery, batch, tokens, width) : dQuery]);
      }
      if (wanted.has(sources.keyValue)) gradients.push([sources.keyValue, dKeyValue]);
      return gradients;
    },
  };

  /** `[batch * tokens, width]` summed over the batch. */
  function summed(x: Tensor, batch: number, tokens: number, width: number): Tensor {
    const sum = heap.allocate([tokens, width]);
    columnSums(heap, heap.address(x), heap.address(sum), batch, tokens * width);
    return sum;
  }
}
