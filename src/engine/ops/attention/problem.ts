import { f32, type Binding } from '../../kernels/wgsl';

/**
 * Sizes of multi-head attention: qkv `[batch * tokens, 3 * heads * headSize]`, y `[batch * tokens, heads * headSize]`. Where keys lie apart, the queries
 * are `[batch * tokens, heads * headSize]`, or `[tokens, heads * headSize]` where all sequences share them, and keys and values
 * `[batch * keys, 2 * heads * headSize]`.
 */
export interface AttentionShape {
  readonly batch: number;
  /** Queries of a sequence, and keys where these do not lie apart. */
  readonly tokens: number;
  readonly heads: number;
  readonly headSize: number;
  /** Absent: each token has query, key and value side by side. */
  readonly apart?: KeysApart;
}

/** Keys and values that do not belong to the tokens that ask. */
export interface KeysApart {
  /** Keys of a sequence. */
  readonly keys: number;
  readonly sharedQueries: boolean;
}

export interface AttentionOptions {
  /** Query i attends to keys 0…i only, counted from the sequence's offset. */
  readonly causal: boolean;
  /** With `causal`: an i32 `[batch]` binding holds the offset of each sequence, not negative. Default: all are 0. */
  readonly offsets?: boolean;
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
  /** Keys of a sequence. */
  readonly keyTokens: number;
  /** WGSL expression of the number of keys that count, given `batch`. */
  readonly keys: string;
  /** WGSL term `… + ` ahead of a query's number that makes it a position among the keys, given `batch`; empty where the two are one. */
  readonly shift: string;
  /** Where queries and keys lie; values lie `stride` behind the keys. */
  readonly query: HeadSource;
  readonly key: HeadSource;
  /** The bindings of what is attended with, read. */
  readonly inputBindings: readonly Binding[];
  /** Where their gradients go, and the bindings of that. */
  readonly queryGradient: HeadSource;
  readonly keyGradient: HeadSource;
  readonly queryGradientBinding: Binding;
  readonly keyGradientBinding: Binding;
  /** The bindings of lengths, offsets and scalars, where used. */
  readonly optionalBindings: readonly Binding[];
  /** WGSL types of y-shaped and per-row arrays. */
  readonly yType: string;
  readonly rowType: string;
}

/** Vectors of one head, one a token, in a matrix: that of token t begins at `base + offset + t * step`. */
export interface HeadSource {
  readonly array: string;
  /** WGSL variable of `headPlaces`. */
  readonly base: string;
  readonly offset: number;
  readonly step: number;
}

/** @throws for a dropout outside 0…<1 */
export function attentionProblem(shape: AttentionShape, options: AttentionOptions): AttentionProblem {
  const { batch, tokens, heads, headSize } = shape;
  const { causal, lengths, dropout, salt, offsets = false } = options;
  if (!(dropout >= 0 && dropout < 1)) throw new Error(`Attention dropout must lie in 0…<1, not ${dropout}.`);
  const width = headSize % 4 === 0 ? 4 : 1;
  const type = width === 4 ? 'vec4<f32>' : 'f32';
  const stride = (heads * headSize) / width;
  const { apart } = shape;
  const keyTokens = apart?.keys ?? tokens;
  const rows = batch * tokens;
  const optionalBindings: Binding[] = [];
  if (lengths) optionalBindings.push(['lengths', 'read', `array<i32, ${batch}>`]);
  if (offsets) optionalBindings.push(['offsets', 'read', `array<i32, ${batch}>`]);
  if (dropout > 0) optionalBindings.push('scalars');
  const suffix = [
    apart === undefined ? '' : `k${apart.keys}${apart.sharedQueries ? ' shared' : ''}`,
    causal ? 'causal' : '',
    lengths ? 'lengths' : '',
    offsets ? 'offsets' : '',
    dropout > 0 ? `dropout${dropout}#${salt}` : '',
  ];
  return {
    ...shape,
    ...options,
    ...placesOf(shape, type, stride),
    mostFlops: options.mostFlops ?? defaultLimits,
    width,
    type,
    stride,
    chunks: headSize / width,
    label: [`b${batch} t${tokens} h${heads}x${headSize}`, ...suffix].filter((part) => part !== '').join(' '),
    dropoutFunction: dropout > 0 ? dropoutFunction(tokens, keyTokens, dropout, salt) : '',
    keyTokens,
    keys: lengths ? `min(${keyTokens}u, u32(lengths[batch]))` : `${keyTokens}u`,
    shift: causal && offsets ? 'u32(offsets[batch]) + ' : '',
    optionalBindings,
    yType: `array<${type}, ${rows * stride}>`,
    rowType: `array<f32, ${rows * heads}>`,
  };
}

type Places = Pick<
  AttentionProblem,
  'query' | 'key' | 'inputBindings' | 'queryGradient' | 'keyGradient' | 'queryGradientBinding' | 'keyGradientBinding'
>;

function placesOf({ batch, tokens, apart }: AttentionShape, type: string, stride: number): Places {
  const arrayOf = (rows: number, thirds: number): string => `array<${type}, ${rows * thirds * stride}>`;
  if (apart === undefined) {
    const qkvType = arrayOf(batch * tokens, 3);
    const query = { array: 'qkv', base: 'qkv_at', offset: 0, step: 3 * stride };
    const key = { ...query, offset: stride };
    const gradient: Binding = ['d_qkv', 'read_write', qkvType];
    return {
      query,
      key,
      inputBindings: [['qkv', 'read', qkvType]],
      queryGradient: { ...query, array: 'd_qkv' },
      keyGradient: { ...key, array: 'd_qkv' },
      queryGradientBinding: gradient,
      keyGradientBinding: gradient,
    };
  }
  const queryRows = batch * tokens;
  const keyType = arrayOf(batch * apart.keys, 2);
  const query = { array: 'queries', base: 'query_at', offset: 0, step: stride };
  const key = { array: 'key_values', base: 'key_at', offset: 0, step: 2 * stride };
  return {
    query,
    key,
    inputBindings: [
      ['queries', 'read', arrayOf(apart.sharedQueries ? tokens : queryRows, 1)],
      ['key_values', 'read', keyType],
    ],
    // Each sequence has its own gradient of the queries, also where it shares them with the others.
    queryGradient: { ...query, array: 'd_queries', base: 'y_at' },
    keyGradient: { ...key, array: 'd_key_values' },
    queryGradientBinding: ['d_queries', 'read_write', arrayOf(queryRows, 1)],
    keyGradientBinding: ['d_key_values', 'read_write', keyType],
  };
}

/** WGSL of the places where the vectors of a head begin, given `batch` and an expression of the head. */
export function headPlaces({ tokens, keyTokens, chunks, stride, apart }: AttentionProblem, head: string): string {
  const at = (name: string, rows: number): string =>
    `  let ${name} = batch * ${rows * stride}u + ${head} * ${chunks}u;`;
  const y = at('y_at', tokens);
  if (apart === undefined) return `${at('qkv_at', 3 * tokens)}\n${y}`;
  const query = apart.sharedQueries ? `  let query_at = ${head} * ${chunks}u;` : '  let query_at = y_at;';
  return `${y}\n${query}\n${at('key_at', 2 * keyTokens)}`;
}

/**
 * The sum `delta` that backward computes of a row, one per query and head. Where keys lie apart, these sums go behind the log-sum-exps in one buffer,
 * because kernels must do with eight.
 */
export function deltaAt({ apart, batch, tokens, heads }: AttentionProblem, row: string): string {
  return apart === undefined ? `delta[${row}]` : `log_sum_exp[${batch * tokens * heads}u + ${row}]`;
}

/**
 * A counter-based generator: the position is hashed with the seed, so that backward draws the same mask again. Rounds of PCG (O'Neill 2014,
 * HMC-CS-2014-0905) and of the lowbias32 integer hash.
 */
function dropoutFunction(tokens: number, keys: number, dropout: number, salt: number): string {
  return `fn keep(sequence: u32, query: u32, key: u32) -> f32 {
  var h = ((sequence * ${tokens}u + query) * ${keys}u + key) * 747796405u + scalars.seed + ${Math.imul(salt, 0x9e3779b9) >>> 0}u;
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
export function attentionFlops(problem: AttentionProblem, products: number): number {
  const { batch, tokens, keyTokens, heads, headSize, causal } = problem;
  return products * 2 * batch * heads * tokens * keyTokens * headSize * (causal ? 0.5 : 1);
}

/** Bindings of the kernel that computes the gradient of the queries and `delta`, behind those of what it reads. */
export function queryBackwardBindings(problem: AttentionProblem): readonly Binding[] {
  const { apart, rowType, optionalBindings, queryGradientBinding } = problem;
  return apart === undefined
    ? [['log_sum_exp', 'read', rowType], ...optionalBindings, queryGradientBinding, ['delta', 'read_write', rowType]]
    : [['log_sum_exp', 'read_write', bothRows(problem)], ...optionalBindings, queryGradientBinding];
}

/** Bindings of the kernel that computes the gradients of keys and values, behind those of what it reads. */
export function keyBackwardBindings(problem: AttentionProblem): readonly Binding[] {
  const { apart, rowType, optionalBindings, keyGradientBinding } = problem;
  const rows: readonly Binding[] =
    apart === undefined
      ? [
          ['log_sum_exp', 'read', rowType],
          ['delta', 'read', rowType],
        ]
      : [['log_sum_exp', 'read', bothRows(problem)]];
  return [...rows, ...optionalBindings, keyGradientBinding];
}

function bothRows({ batch, tokens, heads }: AttentionProblem): string {
  return `array<f32, ${2 * batch * tokens * heads}>`;
}

/** WGSL expression of how many keys a query sees. */
export function keysSeen({ causal, shift, keys }: AttentionProblem, query: string): string {
  return causal ? `min(${shift}${query} + 1u, ${keys})` : keys;
}

/** WGSL expression of the first query that sees a key. */
export function firstQueryOf({ causal, shift }: AttentionProblem, key: string): string {
  if (!causal) return '0u';
  return shift === '' ? key : `(${key} - min(${key}, u32(offsets[batch])))`;
}
