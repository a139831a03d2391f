import type { Kernel } from './kernel';
import { f32, makeKernel, perThread, type Binding } from './wgsl';

/** Sizes of multi-head attention: qkv `[batch * tokens, 3 * heads * headSize]`, y `[batch * tokens, heads * headSize]`. */
export interface AttentionShape {
  readonly batch: number;
  readonly tokens: number;
  readonly heads: number;
  /** Multiple of 4. */
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
}

interface Layout {
  readonly width: number;
  readonly chunks: number;
  readonly name: string;
  readonly helpers: string;
  readonly limit: string;
  readonly shared: readonly Binding[];
}

function layoutOf({ batch, tokens, heads, headSize }: AttentionShape, options: AttentionOptions): Layout {
  if (headSize % 4 !== 0) throw new Error(`Attention needs a head size that is a multiple of 4, not ${headSize}.`);
  const { causal, lengths, dropout, salt } = options;
  const shared: Binding[] = [];
  if (lengths) shared.push(['lengths', 'read', `array<i32, ${batch}>`]);
  if (dropout > 0) shared.push('scalars');
  const all = lengths ? `min(${tokens}u, u32(lengths[batch]))` : `${tokens}u`;
  const scale = f32(1 / (1 - dropout));
  return {
    width: (heads * headSize) / 4,
    chunks: headSize / 4,
    name: `b${batch} t${tokens} h${heads}x${headSize}${causal ? ' causal' : ''}${lengths ? ' lengths' : ''}${dropout > 0 ? ` dropout${dropout}#${salt}` : ''}`,
    helpers:
      dropout > 0
        ? `fn keep(sequence: u32, query: u32, key: u32) -> f32 {
  var h = ((sequence * ${tokens}u + query) * ${tokens}u + key) * 747796405u + scalars.seed + ${(salt * 0x9e3779b9) >>> 0}u;
  h = ((h >> ((h >> 28u) + 4u)) ^ h) * 277803737u;
  h = (h >> 22u) ^ h;
  h = (h ^ (h >> 16u)) * 0x7feb352du;
  h = (h ^ (h >> 15u)) * 0x846ca68bu;
  h = h ^ (h >> 16u);
  return select(0.0, ${scale}, h >= ${Math.floor(dropout * 4294967296)}u);
}
`
        : '',
    limit: all,
    shared,
  };
}

/**
 * Attention with the softmax taken on the way (Milakov and Gimelshein 2018, arXiv 1805.02867), so that no matrix of probabilities is stored.
 *
 * Bindings: qkv, lengths if any, scalars with dropout, y, and with `saveLogSumExp` the log of the softmax's denominator,
 * `[batch * heads * tokens]`.
 */
export function attentionForward(
  shape: AttentionShape,
  options: AttentionOptions & { readonly saveLogSumExp: boolean },
): Kernel {
  const { batch, tokens, heads, headSize } = shape;
  const { causal, dropout, saveLogSumExp } = options;
  const { width, chunks, name, helpers, limit, shared } = layoutOf(shape, options);
  const rows = batch * tokens;
  const { main, workgroups } = perThread(
    rows * heads,
    64,
    `  let query = index % ${tokens}u;
  let sequence = index / ${tokens}u;
  let batch = sequence / ${heads}u;
  let head = sequence % ${heads}u;
  let at = (batch * ${tokens}u + query) * ${3 * width}u + head * ${chunks}u;
  let key_at = batch * ${tokens * 3 * width}u + ${width}u + head * ${chunks}u;
  var q: array<vec4<f32>, ${chunks}>;
  var o: array<vec4<f32>, ${chunks}>;
  for (var d = 0u; d < ${chunks}u; d++) { q[d] = qkv[at + d] * ${f32(headSize ** -0.5)}; }
  var largest = -1e30;
  var total = 0.0;
  let count = ${causal ? `min(query + 1u, ${limit})` : limit};
  for (var key = 0u; key < count; key++) {
    let k = key_at + key * ${3 * width}u;
    var s = vec4<f32>();
    for (var d = 0u; d < ${chunks}u; d++) { s += q[d] * qkv[k + d]; }
    let score = dot(s, vec4<f32>(1.0));
    let peak = max(largest, score);
    let shrink = exp(largest - peak);
    let p = exp(score - peak);
    total = total * shrink + p;
    largest = peak;
    let weight = p${dropout > 0 ? ' * keep(sequence, query, key)' : ''};
    for (var d = 0u; d < ${chunks}u; d++) { o[d] = o[d] * shrink + weight * qkv[k + ${width}u + d]; }
  }
  let y_at = (batch * ${tokens}u + query) * ${width}u + head * ${chunks}u;
  for (var d = 0u; d < ${chunks}u; d++) { y[y_at + d] = o[d] / total; }
  ${saveLogSumExp ? 'log_sum_exp[index] = largest + log(total);' : ''}`,
  );
  return makeKernel({
    label: `attentionForward ${name}${saveLogSumExp ? ' lse' : ''}`,
    bindings: [
      ['qkv', 'read', `array<vec4<f32>, ${rows * 3 * width}>`],
      ...shared,
      ['y', 'read_write', `array<vec4<f32>, ${rows * width}>`],
      ...(saveLogSumExp ? [['log_sum_exp', 'read_write', `array<f32, ${rows * heads}>`] as const] : []),
    ],
    body: `${helpers}${main}`,
    workgroups,
    flops: 4 * batch * heads * tokens * tokens * headSize * (causal ? 0.5 : 1),
    bytes: 4 * 4 * rows * 4 * width,
  });
}

/**
 * Gradient of attention with respect to qkv, overwriting dQkv. Probabilities are computed again from the saved log-sum-exp; masks are drawn
 * again from the seed.
 *
 * Two kernels, to run in this order. Bindings of the first: qkv, y, dy, logSumExp, lengths if any, scalars with dropout, dQkv, delta
 * (scratch `[batch * heads * tokens]`). Of the second: qkv, dy, logSumExp, delta, lengths if any, scalars with dropout, dQkv.
 */
export function attentionBackward(
  shape: AttentionShape,
  options: AttentionOptions,
): readonly [query: Kernel, keyValue: Kernel] {
  const { batch, tokens, heads, headSize } = shape;
  const { causal, dropout } = options;
  const { width, chunks, name, helpers, limit, shared } = layoutOf(shape, options);
  const rows = batch * tokens;
  const scale = f32(headSize ** -0.5);
  const qkvType = `array<vec4<f32>, ${rows * 3 * width}>`;
  const yType = `array<vec4<f32>, ${rows * width}>`;
  const rowType = `array<f32, ${rows * heads}>`;
  const places = `  let sequence = index / ${tokens}u;
  let batch = sequence / ${heads}u;
  let head = sequence % ${heads}u;
  let qkv_at = batch * ${tokens * 3 * width}u + head * ${chunks}u;
  let y_at = batch * ${tokens * width}u + head * ${chunks}u;`;
  const query = perThread(
    rows * heads,
    64,
    `  let query = index % ${tokens}u;
${places}
  var q: array<vec4<f32>, ${chunks}>;
  var g: array<vec4<f32>, ${chunks}>;
  var dq: array<vec4<f32>, ${chunks}>;
  var along = vec4<f32>();
  let at = qkv_at + query * ${3 * width}u;
  for (var d = 0u; d < ${chunks}u; d++) {
    q[d] = qkv[at + d] * ${scale};
    g[d] = dy[y_at + query * ${width}u + d];
    along += g[d] * y[y_at + query * ${width}u + d];
  }
  let row_delta = dot(along, vec4<f32>(1.0));
  delta[index] = row_delta;
  let lse = log_sum_exp[index];
  let count = ${causal ? `min(query + 1u, ${limit})` : limit};
  for (var key = 0u; key < count; key++) {
    let k = qkv_at + ${width}u + key * ${3 * width}u;
    var s = vec4<f32>();
    var p = vec4<f32>();
    for (var d = 0u; d < ${chunks}u; d++) {
      s += q[d] * qkv[k + d];
      p += g[d] * qkv[k + ${width}u + d];
    }
    let probability = exp(dot(s, vec4<f32>(1.0)) - lse);
    let ds = probability * (dot(p, vec4<f32>(1.0))${dropout > 0 ? ' * keep(sequence, query, key)' : ''} - row_delta);
    for (var d = 0u; d < ${chunks}u; d++) { dq[d] += ds * qkv[k + d]; }
  }
  for (var d = 0u; d < ${chunks}u; d++) { d_qkv[at + d] = dq[d] * ${scale}; }`,
  );
  const keyValue = perThread(
    rows * heads,
    64,
    `  let key = index % ${tokens}u;
${places}
  var k: array<vec4<f32>, ${chunks}>;
  var v: array<vec4<f32>, ${chunks}>;
  var dk: array<vec4<f32>, ${chunks}>;
  var dv: array<vec4<f32>, ${chunks}>;
  let at = qkv_at + ${width}u + key * ${3 * width}u;
  for (var d = 0u; d < ${chunks}u; d++) {
    k[d] = qkv[at + d] * ${scale};
    v[d] = qkv[at + ${width}u + d];
  }
  let first = select(${tokens}u, ${causal ? 'key' : '0u'}, key < ${limit});
  for (var query = first; query < ${tokens}u; query++) {
    let q_at = qkv_at + query * ${3 * width}u;
    let g_at = y_at + query * ${width}u;
    var s = vec4<f32>();
    var p = vec4<f32>();
    for (var d = 0u; d < ${chunks}u; d++) {
      s += k[d] * qkv[q_at + d];
      p += v[d] * dy[g_at + d];
    }
    let row = sequence * ${tokens}u + query;
    let probability = exp(dot(s, vec4<f32>(1.0)) - log_sum_exp[row]);
    ${dropout > 0 ? 'let mask = keep(sequence, query, key);' : ''}
    let weight = probability${dropout > 0 ? ' * mask' : ''};
    let ds = probability * (dot(p, vec4<f32>(1.0))${dropout > 0 ? ' * mask' : ''} - delta[row]);
    for (var d = 0u; d < ${chunks}u; d++) {
      dk[d] += ds * qkv[q_at + d];
      dv[d] += weight * dy[g_at + d];
    }
  }
  for (var d = 0u; d < ${chunks}u; d++) {
    d_qkv[at + d] = dk[d] * ${scale};
    d_qkv[at + ${width}u + d] = dv[d];
  }`,
  );
  const flops = batch * heads * tokens * tokens * headSize * (causal ? 0.5 : 1);
  return [
    makeKernel({
      label: `attentionBackwardQuery ${name}`,
      bindings: [
        ['qkv', 'read', qkvType],
        ['y', 'read', yType],
        ['dy', 'read', yType],
        ['log_sum_exp', 'read', rowType],
        ...shared,
        ['d_qkv', 'read_write', qkvType],
        ['delta', 'read_write', rowType],
      ],
      body: `${helpers}${query.main}`,
      workgroups: query.workgroups,
      flops: 6 * flops,
      bytes: 4 * 4 * rows * 6 * width,
    }),
    makeKernel({
      label: `attentionBackwardKeyValue ${name}`,
      bindings: [
        ['qkv', 'read', qkvType],
        ['dy', 'read', yType],
        ['log_sum_exp', 'read', rowType],
        ['delta', 'read', rowType],
        ...shared,
        ['d_qkv', 'read_write', qkvType],
      ],
      body: `${helpers}${keyValue.main}`,
      workgroups: keyValue.workgroups,
      flops: 8 * flops,
      bytes: 4 * 4 * rows * 6 * width,
    }),
  ];
}
