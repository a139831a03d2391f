/**
 * The graph: a model's computation as plain data, in a few large operations with static shapes.
 *
 * A graph is built once per shape (`GraphBuilder`), differentiated once (`differentiate`) and handed to an executor
 * (`engine/executor.ts`), which turns it into TensorFlow.js calls or into a recorded list of WebGPU dispatches. Because every
 * shape is known, the executor can plan memory and dispatches before the first step.
 *
 * Matrices are row-major. Token sequences are flattened to `[batch * tokens, width]`.
 */

/** Index of a value in `Graph.values`. */
export type ValueId = number;

export type DType = 'f32' | 'i32' | 'u8';

/** `input`: uploaded per run. `parameter`: lives in a `ParameterStore`. `activation`: computed by exactly one node. */
export type ValueKind = 'input' | 'parameter' | 'activation';

export interface Value {
  readonly id: ValueId;
  readonly kind: ValueKind;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Inputs: the key under which data is passed. Parameters: the joined name. Activations: for messages only. */
  readonly name: string;
}

/** One tensor of the checkpoint inside a parameter. */
export interface ParameterPart {
  /** Name in the checkpoint, e.g. `text_model.encoder.layers.0.self_attn.q_proj.weight`. */
  readonly name: string;
  /** Shape in the checkpoint. */
  readonly shape: readonly number[];
}

/**
 * A parameter is one or several checkpoint tensors, concatenated in order along the first axis (the query, key and value
 * projections of a block form one `[3 * width, width]` parameter, so that one matmul serves all three).
 */
export interface ParameterSpec {
  readonly value: ValueId;
  readonly shape: readonly number[];
  readonly parts: readonly ParameterPart[];
}

export type Activation = 'none' | 'gelu' | 'quick_gelu';

/** `y = activation(x · weightᵀ + bias) + residual`. x `[M, K]`, weight `[N, K]`, bias `[N]`, residual and y `[M, N]`. */
export interface LinearNode {
  readonly op: 'linear';
  readonly x: ValueId;
  readonly weight: ValueId;
  readonly bias: ValueId | null;
  readonly residual: ValueId | null;
  readonly activation: Activation;
  readonly y: ValueId;
}

/** Layer normalisation over the last axis of x `[M, N]`; weight and bias `[N]`. Biased variance, as in PyTorch. */
export interface LayerNormNode {
  readonly op: 'layerNorm';
  readonly x: ValueId;
  readonly weight: ValueId;
  readonly bias: ValueId;
  readonly epsilon: number;
  readonly y: ValueId;
}

/**
 * Multi-head scaled dot-product attention. qkv `[batch * tokens, 3 * width]` holds query, key and value side by side; head h uses
 * columns `h * headSize … (h + 1) * headSize` of each third. Scale `headSize^-0.5`. y `[batch * tokens, width]`.
 */
export interface AttentionNode {
  readonly op: 'attention';
  readonly qkv: ValueId;
  readonly batch: number;
  readonly tokens: number;
  readonly heads: number;
  readonly headSize: number;
  readonly causal: boolean;
  /** i32 `[batch]`: keys at or beyond this position are masked. Null: all keys count. */
  readonly lengths: ValueId | null;
  /** Probability that an attention weight is dropped while training, 0…<1. Inference ignores it. */
  readonly dropout: number;
  readonly y: ValueId;
}

/** `y[b * tokens + t] = table[ids[b, t]] + positions[t]`. ids i32 `[batch, tokens]`, table `[V, D]`, positions `[>= tokens, D]`. */
export interface TokenEmbeddingNode {
  readonly op: 'tokenEmbedding';
  readonly ids: ValueId;
  readonly table: ValueId;
  readonly positions: ValueId;
  readonly y: ValueId;
}

/** Per channel, on a scale where 0 is black and 1 is full: `(pixel / 255 - mean) / std`. */
export interface PixelNormalization {
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/**
 * Cuts pixels u8 `[batch, side, side, 3]` (RGB) into normalised patches: `(pixel / 255 - mean) / std`, y `[batch * (size/patch)², 3 * patch²]`,
 * patches row by row, each laid out channel, row, column — the layout of a flattened convolution weight `[out, 3, patch, patch]`.
 *
 * With views, each picture is first drawn at `size` as its view says (`engine/view.ts`); without, side and size are the same.
 */
export interface PatchifyNode extends PixelNormalization {
  readonly op: 'patchify';
  readonly pixels: ValueId;
  /** f32 `[batch, 8]`, a packed view for each picture. Null: pictures are taken as they are. */
  readonly views: ValueId | null;
  readonly size: number;
  readonly patch: number;
  readonly y: ValueId;
}

/** Per image: the class embedding, then the patches, plus positions. patches `[batch * P, D]`, classEmbedding `[D]`, positions `[P + 1, D]`, y `[batch * (P + 1), D]`. */
export interface ImageTokensNode {
  readonly op: 'imageTokens';
  readonly patches: ValueId;
  readonly classEmbedding: ValueId;
  readonly positions: ValueId;
  readonly batch: number;
  readonly y: ValueId;
}

/** One row per sequence: `y[b] = x[b * tokens + index[b]]`. A null index means row 0. x `[batch * tokens, D]`, index i32 `[batch]`. */
export interface PoolNode {
  readonly op: 'pool';
  readonly x: ValueId;
  readonly index: ValueId | null;
  readonly batch: number;
  readonly tokens: number;
  readonly y: ValueId;
}

/** `y = x / ||x||₂` per row. */
export interface NormalizeNode {
  readonly op: 'normalize';
  readonly x: ValueId;
  readonly y: ValueId;
}

/**
 * Symmetric contrastive loss (Radford et al. 2021, arXiv 2103.00020, figure 3) of L2-normalised features image and text `[batch, D]`:
 * the mean of both cross-entropies over `exp(logitScale) · image · textᵀ`, targets on the diagonal.
 *
 * imageKeys and textKeys (i32 `[batch]`) say which samples show the same picture or carry the same caption: off-diagonal pairs with an equal
 * image key or an equal text key are left out of the softmax. A negative image key marks padding: the sample counts in no row and no column.
 * Label smoothing ε as in `torch.nn.CrossEntropyLoss`, spread over the pairs that are left in. The mean is over samples that are not padding.
 */
export interface ContrastiveLossNode {
  readonly op: 'contrastiveLoss';
  readonly image: ValueId;
  readonly text: ValueId;
  /** Scalar, natural log of the scale. */
  readonly logitScale: ValueId;
  readonly imageKeys: ValueId;
  readonly textKeys: ValueId;
  readonly labelSmoothing: number;
  readonly y: ValueId;
}

export type GraphNode =
  | LinearNode
  | LayerNormNode
  | AttentionNode
  | TokenEmbeddingNode
  | PatchifyNode
  | ImageTokensNode
  | PoolNode
  | NormalizeNode
  | ContrastiveLossNode;

/** Nodes are in execution order: each reads only inputs, parameters and values of earlier nodes. */
export interface Graph {
  readonly values: readonly Value[];
  readonly nodes: readonly GraphNode[];
  readonly parameters: readonly ParameterSpec[];
  /** Results by name. */
  readonly outputs: Readonly<Record<string, ValueId>>;
}

/** The values that a node reads, in a fixed order; absent optional ones are left out. */
export function nodeInputs(node: GraphNode): readonly ValueId[] {
  const present = (ids: readonly (ValueId | null)[]): ValueId[] => ids.filter((id) => id !== null);
  switch (node.op) {
    case 'linear':
      return present([node.x, node.weight, node.bias, node.residual]);
    case 'layerNorm':
      return [node.x, node.weight, node.bias];
    case 'attention':
      return present([node.qkv, node.lengths]);
    case 'tokenEmbedding':
      return [node.ids, node.table, node.positions];
    case 'patchify':
      return present([node.pixels, node.views]);
    case 'imageTokens':
      return [node.patches, node.classEmbedding, node.positions];
    case 'pool':
      return present([node.x, node.index]);
    case 'normalize':
      return [node.x];
    case 'contrastiveLoss':
      return [node.image, node.text, node.logitScale, node.imageKeys, node.textKeys];
    default:
      return node satisfies never;
  }
}

/** Number of elements of a shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
