import { attentionFlops, type AttentionProblem } from './problem';
import { partsOf, type Kernel, type KernelPart } from '../../kernels/kernel';
import { f32, makeKernel, perThread } from '../../kernels/wgsl';

/** Where sequence, batch entry and head of row `index` begin. */
function places({ tokens, heads, chunks, stride }: AttentionProblem): string {
  return `  let sequence = index / ${tokens}u;
  let batch = sequence / ${heads}u;
  let head = sequence % ${heads}u;
  let qkv_at = batch * ${tokens * 3 * stride}u + head * ${chunks}u;
  let y_at = batch * ${tokens * stride}u + head * ${chunks}u;`;
}

const invocations = 64;

function rowParts({ batch, tokens, heads, mostFlops }: AttentionProblem, flops: number): readonly KernelPart[] | null {
  return partsOf(Math.ceil((batch * tokens * heads) / invocations), flops, mostFlops.rows);
}

function sumOf(problem: AttentionProblem, value: string): string {
  return problem.width === 4 ? `dot(${value}, vec4<f32>(1.0))` : value;
}

/** Attention with one invocation per query and the softmax taken on the way (Milakov and Gimelshein 2018, arXiv 1805.02867). */
export function attentionForwardRows(problem: AttentionProblem, saveLogSumExp: boolean): Kernel {
  const { batch, tokens, heads, headSize, causal, dropout, type, stride, chunks, keys } = problem;
  const flops = attentionFlops(problem, 2);
  const parts = rowParts(problem, flops);
  const { main, workgroups } = perThread(
    batch * tokens * heads,
    invocations,
    `  let query = index % ${tokens}u;
${places(problem)}
  let at = qkv_at + query * ${3 * stride}u;
  var o: array<${type}, ${chunks}>;
  var largest = -1e30;
  var total = 0.0;
  let count = ${causal ? `min(query + 1u, ${keys})` : keys};
  for (var key = 0u; key < count; key++) {
    let k = qkv_at + ${stride}u + key * ${3 * stride}u;
    var s = ${type}();
    for (var d = 0u; d < ${chunks}u; d++) { s += qkv[at + d] * qkv[k + d]; }
    let score = ${sumOf(problem, 's')} * ${f32(headSize ** -0.5)};
    let peak = max(largest, score);
    let shrink = exp(largest - peak);
    let p = exp(score - peak);
    total = total * shrink + p;
    largest = peak;
    let weight = p${dropout > 0 ? ' * keep(sequence, query, key)' : ''};
    for (var d = 0u; d < ${chunks}u; d++) { o[d] = o[d] * shrink + weight * qkv[k + ${stride}u + d]; }
  }
  for (var d = 0u; d < ${chunks}u; d++) { y[y_at + query * ${stride}u + d] = o[d] / total; }
  ${saveLogSumExp ? 'log_sum_exp[index] = largest + log(total);' : ''}`,
    parts !== null,
  );
  return makeKernel({
    label: `attentionForward ${problem.label}${saveLogSumExp ? ' lse' : ''} rows${parts === null ? '' : ' parts'}`,
    bindings: [
      ['qkv', 'read', problem.qkvType],
      ...problem.optionalBindings,
      ['y', 'read_write', problem.yType],
      ...(saveLogSumExp ? [['log_sum_exp', 'read_write', problem.rowType] as const] : []),
    ],
    body: `${problem.dropoutFunction}${main}`,
    workgroups,
    parts,
    flops,
    bytes: 16 * batch * tokens * heads * headSize,
  });
}

/** Gradient of the queries, with one invocation per query, and the row sums that the second kernel needs. */
export function attentionBackwardQueryRows(problem: AttentionProblem): Kernel {
  const { batch, tokens, heads, headSize, causal, dropout, type, stride, chunks, keys } = problem;
  const scale = f32(headSize ** -0.5);
  const flops = attentionFlops(problem, 3);
  const parts = rowParts(problem, flops);
  const { main, workgroups } = perThread(
    batch * tokens * heads,
    invocations,
    `  let query = index % ${tokens}u;
${places(problem)}
  let at = qkv_at + query * ${3 * stride}u;
  let g_at = y_at + query * ${stride}u;
  var dq: array<${type}, ${chunks}>;
  var along = ${type}();
  for (var d = 0u; d < ${chunks}u; d++) { along += dy[g_at + d] * y[g_at + d]; }
  let row_delta = ${sumOf(problem, 'along')};
  delta[index] = row_delta;
  let lse = log_sum_exp[index];
  let count = ${causal ? `min(query + 1u, ${keys})` : keys};
  for (var key = 0u; key < count; key++) {
    let k = qkv_at + ${stride}u + key * ${3 * stride}u;
    var s = ${type}();
    var p = ${type}();
    for (var d = 0u; d < ${chunks}u; d++) {
      s += qkv[at + d] * qkv[k + d];
      p += dy[g_at + d] * qkv[k + ${stride}u + d];
    }
    let probability = exp(${sumOf(problem, 's')} * ${scale} - lse);
    let dp = ${sumOf(problem, 'p')}${dropout > 0 ? ' * keep(sequence, query, key)' : ''};
    let ds = probability * (dp - row_delta) * ${scale};
    for (var d = 0u; d < ${chunks}u; d++) { dq[d] += ds * qkv[k + d]; }
  }
  for (var d = 0u; d < ${chunks}u; d++) { d_qkv[at + d] = dq[d]; }`,
    parts !== null,
  );
  return makeKernel({
    label: `attentionBackwardQuery ${problem.label} rows${parts === null ? '' : ' parts'}`,
    bindings: [
      ['qkv', 'read', problem.qkvType],
      ['y', 'read', problem.yType],
      ['dy', 'read', problem.yType],
      ['log_sum_exp', 'read', problem.rowType],
      ...problem.optionalBindings,
      ['d_qkv', 'read_write', problem.qkvType],
      ['delta', 'read_write', problem.rowType],
    ],
    body: `${problem.dropoutFunction}${main}`,
    workgroups,
    parts,
    flops,
    bytes: 24 * batch * tokens * heads * headSize,
  });
}

/** Gradients of keys and values, with one invocation per key. */
export function attentionBackwardKeyValueRows(problem: AttentionProblem): Kernel {
  const { batch, tokens, heads, headSize, causal, dropout, type, stride, chunks, keys } = problem;
  const scale = f32(headSize ** -0.5);
  const flops = attentionFlops(problem, 4);
  const parts = rowParts(problem, flops);
  const { main, workgroups } = perThread(
    batch * tokens * heads,
    invocations,
    `  let key = index % ${tokens}u;
${places(problem)}
  let at = qkv_at + ${stride}u + key * ${3 * stride}u;
  var dk: array<${type}, ${chunks}>;
  var dv: array<${type}, ${chunks}>;
  let first = select(${tokens}u, ${causal ? 'key' : '0u'}, key < ${keys});
  for (var query = first; query < ${tokens}u; query++) {
    let q_at = qkv_at + query * ${3 * stride}u;
    let g_at = y_at + query * ${stride}u;
    var s = ${type}();
    var p = ${type}();
    for (var d = 0u; d < ${chunks}u; d++) {
      s += qkv[at + d] * qkv[q_at + d];
      p += qkv[at + ${stride}u + d] * dy[g_at + d];
    }
    let row = sequence * ${tokens}u + query;
    let probability = exp(${sumOf(problem, 's')} * ${scale} - log_sum_exp[row]);
    let mask = ${dropout > 0 ? 'keep(sequence, query, key)' : '1.0'};
    let ds = probability * (${sumOf(problem, 'p')} * mask - delta[row]) * ${scale};
    for (var d = 0u; d < ${chunks}u; d++) {
      dk[d] += ds * qkv[q_at + d];
      dv[d] += probability * mask * dy[g_at + d];
    }
  }
  for (var d = 0u; d < ${chunks}u; d++) {
    d_qkv[at + d] = dk[d];
    d_qkv[at + ${stride}u + d] = dv[d];
  }`,
    parts !== null,
  );
  return makeKernel({
    label: `attentionBackwardKeyValue ${problem.label} rows${parts === null ? '' : ' parts'}`,
    bindings: [
      ['qkv', 'read', problem.qkvType],
      ['dy', 'read', problem.yType],
      ['log_sum_exp', 'read', problem.rowType],
      ['delta', 'read', problem.rowType],
      ...problem.optionalBindings,
      ['d_qkv', 'read_write', problem.qkvType],
    ],
    body: `${problem.dropoutFunction}${main}`,
    workgroups,
    parts,
    flops,
    bytes: 24 * batch * tokens * heads * headSize,
  });
}
