import { f32, type Binding } from '../../kernels/wgsl';

/** Sizes of multi-head attention: qkv `[batch * tokens, 3 * heads * headSize]`, y `[batch * tokens, heads * headSize]`. */
export interface AttentionShape {
  readonly batch: number;
  readonly tokens: number;
  readonly heads: number;
  readonly headSize: number;
}

export interface AttentionOptions {
  /** Position i attends to positions 0…i only. */
  readonly causal: boolean;
  /** An i32 `[batch]` binding says how many keys of each sequence count (at least 1). */
  readonly lengths: boolean;
  /** Probability that an attention weight is dropped, 0…<1; the mask follows from the step's seed, `salt` and the position. */
  readonly dropout: number;
  /** Tells the dropout masks of different layers apart. */
  readonly salt: number;
  /** Work after which a dispatch is split; by default what a slow GPU does within its driver's patience. */
  readonly mostFlops?: DispatchLimits;
}

/** Floating-point operations of one dispatch at most, for kernels with and without tiles. */
export interface DispatchLimits {
  readonly tile: number;
  readonly rows: number;
}

/**
 * A driver resets a GPU after about two seconds in one dispatch, and the page stutters long before. A slow integrated GPU computes some
 * 40 GFLOP/s of attention by tiles and a tenth of that without: 100 ms. The parts still have the workgroups that fill a large GPU.
 */
const defaultLimits: DispatchLimits = { tile: 4e9, rows: 4e8 };

/**
 * How attention is computed. `rows`: one invocation per query or key; any size, slow. `tile`: a workgroup computes a tile of queries (or keys)
 * against all keys (or queries), with probabilities of the tile in workgroup memory, for any number of tokens; a `lane` works alone, a `quad`
 * of four lanes shares its loads by swaps (see `QuadTile`).
 */
export type AttentionVariant =
  | { readonly kind: 'rows' }
  | { readonly kind: 'tile'; readonly worker: 'lane'; /** Invocations of a workgroup. */ readonly lanes: number }
  | { readonly kind: 'tile'; readonly worker: 'quad' };

/** Short name of a variant, for labels, caches and tables. */
export function attentionVariantName(variant: AttentionVariant): string {
  if (variant.kind === 'rows') return 'rows';
  return variant.worker === 'quad' ? 'tile quad' : `tile lane ${variant.lanes}`;
}

/** What all attention kernels of one node have in common. */
export interface AttentionProblem extends AttentionShape, AttentionOptions {
  /** Elements that are read at once, and the WGSL type of that. */
  readonly width: 4 | 1;
  readonly type: 'vec4<f32>' | 'f32';
  /** Row length of y, and length of a head, in groups of `width`. */
  readonly stride: number;
  readonly chunks: number;
  readonly label: string;
  readonly mostFlops: DispatchLimits;
  /** `keep(sequence, query, key)`: 0, or 1 / (1 - dropout). Empty without dropout. */
  readonly dropoutFunction: string;
  /** WGSL expression of the number of keys that count, given `batch`. */
  readonly keys: string;
  /** The bindings of lengths and scalars, where used. */
  readonly optionalBindings: readonly Binding[];
  /** WGSL types of qkv-shaped, y-shaped and per-row arrays. */
  readonly qkvType: string;
  readonly yType: string;
  readonly rowType: string;
}

/** @throws for a dropout outside 0…<1 */
export function attentionProblem(shape: AttentionShape, options: AttentionOptions): AttentionProblem {
  const { batch, tokens, heads, headSize } = shape;
  const { causal, lengths, dropout, salt } = options;
  if (!(dropout >= 0 && dropout < 1)) throw new Error(`Attention dropout must lie in 0…<1, not ${dropout}.`);
  const width = headSize % 4 === 0 ? 4 : 1;
  const type = width === 4 ? 'vec4<f32>' : 'f32';
  const stride = (heads * headSize) / width;
  const rows = batch * tokens;
  const optionalBindings: Binding[] = [];
  if (lengths) optionalBindings.push(['lengths', 'read', `array<i32, ${batch}>`]);
  if (dropout > 0) optionalBindings.push('scalars');
  const suffix = [causal ? 'causal' : '', lengths ? 'lengths' : '', dropout > 0 ? `dropout${dropout}#${salt}` : ''];
  return {
    ...shape,
    ...options,
    mostFlops: options.mostFlops ?? defaultLimits,
    width,
    type,
    stride,
    chunks: headSize / width,
    label: [`b${batch} t${tokens} h${heads}x${headSize}`, ...suffix].filter((part) => part !== '').join(' '),
    dropoutFunction: dropout > 0 ? dropoutFunction(tokens, dropout, salt) : '',
    keys: lengths ? `min(${tokens}u, u32(lengths[batch]))` : `${tokens}u`,
    optionalBindings,
    qkvType: `array<${type}, ${rows * 3 * stride}>`,
    yType: `array<${type}, ${rows * stride}>`,
    rowType: `array<f32, ${rows * heads}>`,
  };
}

/**
 * A counter-based generator: the position is hashed with the seed, so that backward draws the same mask again. Rounds of PCG (O'Neill 2014,
 * HMC-CS-2014-0905) and of the lowbias32 integer hash.
 */
function dropoutFunction(tokens: number, dropout: number, salt: number): string {
  return `fn keep(sequence: u32, query: u32, key: u32) -> f32 {
  var h = ((sequence * ${tokens}u + query) * ${tokens}u + key) * 747796405u + scalars.seed + ${Math.imul(salt, 0x9e3779b9) >>> 0}u;
  h = ((h >> ((h >> 28u) + 4u)) ^ h) * 277803737u;
  h = (h >> 22u) ^ h;
  h = (h ^ (h >> 16u)) * 0x7feb352du;
  h = (h ^ (h >> 15u)) * 0x846ca68bu;
  h = h ^ (h >> 16u);
  return select(0.0, ${f32(1 / (1 - dropout))}, h >= ${Math.floor(dropout * 4294967296)}u);
}
`;
}

/** Floating-point operations of `products` of the size of queries times keys. */
export function attentionFlops({ batch, tokens, heads, headSize, causal }: AttentionProblem, products: number): number {
  return products * 2 * batch * heads * tokens * tokens * headSize * (causal ? 0.5 : 1);
}
