import type { ValueId } from '../../engine/graph/value';
import type { GraphNode, NodeOf, OperationName } from '../../engine/ops';
import type { OnnxBuilder } from './builder';

/** What an operation is written with. Matrices of the graph are matrices in ONNX too, of any number of rows: whatever has the batch in it is left open. */
export interface Writing {
  readonly onnx: OnnxBuilder;
  /** Samples of the batch that the graph was built for; at least 2, so that what all of them share can be told from what each has. */
  readonly batch: number;
  /** The name of a value. */
  readonly of: (id: ValueId) => string;
  readonly shape: (id: ValueId) => readonly number[];
}

type Written = { readonly [Op in OperationName]?: (node: NodeOf<Op>, writing: Writing) => string };

/** Below every score of attention, and far from where sums of two of them would be infinite. */
const unseen = -1e30;

/** How operations are written; those that are not here have no part in a model that runs. */
const written: Written = {
  attention: writeAttention,

  concat: ({ left, right }, { onnx, of }) => onnx.add('Concat', [of(left), of(right)], { axis: { int: 1 } }),

  dropout: ({ x }, { of }) => of(x),

  fillMissing({ x, present, fill }, { onnx, batch, of, shape }) {
    const [rows = 0, width = 0] = shape(x);
    const there = onnx.reshape(onnx.cast(of(present), 'bool'), [-1, 1, 1]);
    const samples = onnx.reshape(of(x), [-1, rows / batch, width]);
    return onnx.reshape(onnx.add('Where', [there, samples, of(fill)]), [-1, width]);
  },

  gate({ gate, a, b }, { onnx, of }) {
    const share = onnx.add('Sigmoid', [of(gate)]);
    const rest = onnx.add('Sub', [onnx.float([1]), share]);
    return onnx.add('Add', [onnx.add('Mul', [share, of(a)]), onnx.add('Mul', [rest, of(b)])]);
  },

  imageTokens({ patches, classEmbedding, positions }, { onnx, of, shape }) {
    const [places = 0, width = 0] = shape(positions);
    if (classEmbedding === null) {
      const own = onnx.reshape(of(patches), [-1, places, width]);
      return onnx.reshape(onnx.add('Add', [own, of(positions)]), [-1, width]);
    }
    // A row of zeros in front of the patches, to which what stands there is added with the positions.
    const own = onnx.reshape(of(patches), [-1, places - 1, width]);
    const room = onnx.add('Pad', [own, onnx.int64([0, 1, 0, 0, 0, 0])]);
    const first = onnx.add('Pad', [onnx.reshape(of(classEmbedding), [1, width]), onnx.int64([0, 0, places - 1, 0])]);
    const added = onnx.add('Add', [of(positions), first]);
    return onnx.reshape(onnx.add('Add', [room, added]), [-1, width]);
  },

  layerNorm: ({ x, weight, bias, epsilon }, { onnx, of }) =>
    onnx.add('LayerNormalization', [of(x), of(weight), of(bias)], { axis: { int: -1 }, epsilon: { float: epsilon } }),

  linear({ x, weight, bias, residual, activation, adapters }, { onnx, of }) {
    if (adapters.length > 0) throw new Error('A layer with adapters has no form in ONNX; they are to be merged first.');
    const product = onnx.add('Gemm', [of(x), of(weight), ...(bias === null ? [] : [of(bias)])], { transB: { int: 1 } });
    const active = activated(onnx, product, activation);
    return residual === null ? active : onnx.add('Add', [active, of(residual)]);
  },

  normalize: ({ x }, { onnx, of }) => onnx.add('LpNormalization', [of(x)], { axis: { int: -1 }, p: { int: 2 } }),

  patchify({ pixels, views, size, patch }, { onnx, of }) {
    if (views !== null) throw new Error('Views of pictures are drawn in training alone.');
    // Here pictures come as image processors give them, normalised: `[batch, 3, side, side]`.
    const across = size / patch;
    const cut = onnx.reshape(of(pixels), [-1, 3, across, patch, across, patch]);
    return onnx.reshape(onnx.transpose(cut, [0, 2, 4, 1, 3, 5]), [-1, 3 * patch * patch]);
  },

  pool({ x, index, row, tokens }, { onnx, of, shape }) {
    const [, width = 0] = shape(x);
    const sequences = onnx.reshape(of(x), [-1, tokens, width]);
    if (index !== null)
      return onnx.add('GatherND', [sequences, onnx.reshape(of(index), [-1, 1])], { batch_dims: { int: 1 } });
    return onnx.add('Gather', [sequences, onnx.int64([row === 'first' ? 0 : tokens - 1], [])], { axis: { int: 1 } });
  },

  tokenEmbedding({ ids, table, positions, offsets }, { onnx, of, shape }) {
    if (offsets !== null) throw new Error('Texts that begin at other positions have no form in ONNX here.');
    const [, tokens = 0] = shape(ids);
    const [, width = 0] = shape(table);
    const words = onnx.add('Gather', [of(table), of(ids)]);
    return onnx.reshape(onnx.add('Add', [words, onnx.slice(of(positions), 0, 0, tokens)]), [-1, width]);
  },

  tokenMean({ x, tokens, skipped }, { onnx, of, shape }) {
    const [, width = 0] = shape(x);
    const kept = onnx.slice(onnx.reshape(of(x), [-1, tokens, width]), 1, skipped, tokens);
    return onnx.add('ReduceMean', [kept], { axes: { ints: [1] }, keepdims: { int: 0 } });
  },
};

/**
 * Writes a node of a graph.
 *
 * @returns the name of its result
 * @throws Error for an operation that a model that runs does not have
 */
export function writeNode(node: GraphNode, writing: Writing): string {
  // An entry is asked about its own nodes only.
  const write = written[node.op] as ((node: GraphNode, writing: Writing) => string) | undefined;
  if (write === undefined) throw new Error(`"${node.op}" has no form in ONNX.`);
  return write(node, writing);
}

/** `gelu` by the error function, which every runtime knows. */
function activated(onnx: OnnxBuilder, x: string, activation: NodeOf<'linear'>['activation']): string {
  const times = (a: string, factor: number): string => onnx.add('Mul', [a, onnx.float([factor])]);
  const half = (bell: string): string => times(onnx.add('Mul', [x, onnx.add('Add', [bell, onnx.float([1])])]), 0.5);
  switch (activation) {
    case 'none':
      return x;
    case 'quick_gelu':
      return onnx.add('Mul', [x, onnx.add('Sigmoid', [times(x, 1.702)])]);
    case 'gelu':
      return half(onnx.add('Erf', [times(x, Math.SQRT1_2)]));
    case 'gelu_tanh': {
      const cube = times(onnx.add('Mul', [onnx.add('Mul', [x, x]), x]), 0.044715);
      return half(onnx.add('Tanh', [times(onnx.add('Add', [x, cube]), Math.sqrt(2 / Math.PI))]));
    }
  }
}

function writeAttention(node: NodeOf<'attention'>, { onnx, batch, of, shape }: Writing): string {
  const { qkv, query, keyValue, tokens, keys, heads, headSize, causal, lengths, offsets } = node;
  if (offsets !== null) throw new Error('Attention to kept keys has no form in ONNX here.');
  /** `[batch, heads, tokens, headSize]` of one of several that lie side by side. */
  const part = (x: string, count: number, of: number, index: number, sequences = -1): string => {
    const split = onnx.reshape(x, [sequences, count, of, heads, headSize]);
    const one = onnx.add('Gather', [split, onnx.int64([index], [])], { axis: { int: 2 } });
    return onnx.transpose(one, [0, 2, 1, 3]);
  };
  const parts = (): readonly [string, string, string] => {
    if (qkv !== null) return [part(of(qkv), tokens, 3, 0), part(of(qkv), tokens, 3, 1), part(of(qkv), tokens, 3, 2)];
    if (query === null || keyValue === null) throw new Error('Attention needs qkv, or query and keyValue.');
    const shared = shape(query)[0] !== batch * tokens;
    const both = of(keyValue);
    return [part(of(query), tokens, 1, 0, shared ? 1 : -1), part(both, keys, 2, 0), part(both, keys, 2, 1)];
  };
  const [q, k, v] = parts();
  const scaled = onnx.add('Mul', [q, onnx.float([headSize ** -0.5])]);
  let scores = onnx.add('MatMul', [scaled, onnx.transpose(k, [0, 1, 3, 2])]);
  if (causal) {
    const mask = Array.from({ length: tokens * keys }, (_, at) => (at % keys > Math.floor(at / keys) ? unseen : 0));
    scores = onnx.add('Add', [scores, onnx.float(mask, [tokens, keys])]);
  }
  if (lengths !== null) {
    const places = onnx.int64(Array.from({ length: keys }, (_, place) => place));
    const seen = onnx.add('Less', [places, onnx.reshape(of(lengths), [-1, 1, 1, 1])]);
    scores = onnx.add('Where', [seen, scores, onnx.float([unseen])]);
  }
  const attended = onnx.add('MatMul', [onnx.add('Softmax', [scores], { axis: { int: -1 } }), v]);
  return onnx.reshape(onnx.transpose(attended, [0, 2, 1, 3]), [-1, heads * headSize]);
}
