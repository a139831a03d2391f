import {
  attentionFlops,
  deltaAt,
  firstQueryOf,
  headPlaces,
  keyBackwardBindings,
  keysSeen,
  queryBackwardBindings,
  type AttentionProblem,
  type HeadSource,
} from './problem';
import { partsOf, type Kernel, type KernelPart } from '../../kernels/kernel';
import { f32, makeKernel, perThread } from '../../kernels/wgsl';

/** Where sequence, batch entry and head of row `index` begin, with `rows` of them a sequence. */
function places(problem: AttentionProblem, rows: number): string {
  return `  let sequence = index / ${rows}u;
  let batch = sequence / ${problem.heads}u;
  let head = sequence % ${problem.heads}u;
${headPlaces(problem, 'head')}`;
}

/** WGSL expression of where the head's vector of a token begins. */
function vectorAt({ base, offset, step }: HeadSource, token: string): string {
  return `${base}${offset === 0 ? '' : ` + ${offset}u`} + ${token} * ${step}u`;
}

const invocations = 64;

function rowParts(
  { batch, heads, mostFlops }: AttentionProblem,
  rows: number,
  flops: number,
): readonly KernelPart[] | null {
  return partsOf(Math.ceil((batch * rows * heads) / invocations), flops, mostFlops.rows);
}

function sumOf(problem: AttentionProblem, value: string): string {
  return problem.width === 4 ? `dot(${value}, vec4<f32>(1.0))` : value;
}

/** Attention with one invocation per query and the softmax taken on the way (Milakov and Gimelshein 2018, arXiv 1805.02867). */
export function attentionForwardRows(problem: AttentionProblem, saveLogSumExp: boolean): Kernel {
  const { batch, tokens, heads, headSize, dropout, type, stride, chunks, query, key } = problem;
  const flops = attentionFlops(problem, 2);
  const parts = rowParts(problem, tokens, flops);
  const { main, workgroups } = perThread(
    batch * tokens * heads,
    invocations,
    `  let query = index % ${tokens}u;
${places(problem, tokens)}
  let at = ${vectorAt(query, 'query')};
  var o: array<${type}, ${chunks}>;
  var largest = -1e30;
  var total = 0.0;
  let count = ${keysSeen(problem, 'query')};
  for (var key = 0u; key < count; key++) {
    let k = ${vectorAt(key, 'key')};
    var s = ${type}();
    for (var d = 0u; d < ${chunks}u; d++) { s += ${query.array}[at + d] * ${key.array}[k + d]; }
    let score = ${sumOf(problem, 's')} * ${f32(headSize ** -0.5)};
    let peak = max(largest, score);
    let shrink = exp(largest - peak);
    let p = exp(score - peak);
    total = total * shrink + p;
    largest = peak;
    let weight = p${dropout > 0 ? ' * keep(sequence, query, key)' : ''};
    for (var d = 0u; d < ${chunks}u; d++) { o[d] = o[d] * shrink + weight * ${key.array}[k + ${stride}u + d]; }
  }
  for (var d = 0u; d < ${chunks}u; d++) { y[y_at + query * ${stride}u + d] = o[d] / total; }
  ${saveLogSumExp ? 'log_sum_exp[index] = largest + log(total);' : ''}`,
    parts !== null,
  );
  return makeKernel({
    label: `attentionForward ${problem.label}${saveLogSumExp ? ' lse' : ''} rows${parts === null ? '' : ' parts'}`,
    bindings: [
      ...problem.inputBindings,
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
  const { batch, tokens, heads, headSize, dropout, type, stride, chunks, query, key, queryGradient } = problem;
  const scale = f32(headSize ** -0.5);
  const flops = attentionFlops(problem, 3);
  const parts = rowParts(problem, tokens, flops);
  const { main, workgroups } = perThread(
    batch * tokens * heads,
    invocations,
    `  let query = index % ${tokens}u;
${places(problem, tokens)}
  let at = ${vectorAt(query, 'query')};
  let g_at = y_at + query * ${stride}u;
  var dq: array<${type}, ${chunks}>;
  var along = ${type}();
  for (var d = 0u; d < ${chunks}u; d++) { along += dy[g_at + d] * y[g_at + d]; }
  let row_delta = ${sumOf(problem, 'along')};
  ${deltaAt(problem, 'index')} = row_delta;
  let lse = log_sum_exp[index];
  let count = ${keysSeen(problem, 'query')};
  for (var key = 0u; key < count; key++) {
    let k = ${vectorAt(key, 'key')};
    var s = ${type}();
    var p = ${type}();
    for (var d = 0u; d < ${chunks}u; d++) {
      s += ${query.array}[at + d] * ${key.array}[k + d];
      p += dy[g_at + d] * ${key.array}[k + ${stride}u + d];
    }
    let probability = exp(${sumOf(problem, 's')} * ${scale} - lse);
    let dp = ${sumOf(problem, 'p')}${dropout > 0 ? ' * keep(sequence, query, key)' : ''};
    let ds = probability * (dp - row_delta) * ${scale};
    for (var d = 0u; d < ${chunks}u; d++) { dq[d] += ds * ${key.array}[k + d]; }
  }
  for (var d = 0u; d < ${chunks}u; d++) { ${queryGradient.array}[${problem.apart === undefined ? 'at' : 'g_at'} + d] = dq[d]; }`,
    parts !== null,
  );
  return makeKernel({
    label: `attentionBackwardQuery ${problem.label} rows${parts === null ? '' : ' parts'}`,
    bindings: [
      ...problem.inputBindings,
      ['y', 'read', problem.yType],
      ['dy', 'read', problem.yType],
      ...queryBackwardBindings(problem),
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
  const { batch, tokens, keyTokens, heads, headSize, dropout, type, stride, chunks, keys, query, key, keyGradient } =
    problem;
  const scale = f32(headSize ** -0.5);
  const flops = attentionFlops(problem, 4);
  const parts = rowParts(problem, keyTokens, flops);
  const { main, workgroups } = perThread(
    batch * keyTokens * heads,
    invocations,
    `  let key = index % ${keyTokens}u;
${places(problem, keyTokens)}
  let at = ${vectorAt(key, 'key')};
  var dk: array<${type}, ${chunks}>;
  var dv: array<${type}, ${chunks}>;
  let first = select(${tokens}u, ${firstQueryOf(problem, 'key')}, key < ${keys});
  for (var query = first; query < ${tokens}u; query++) {
    let q_at = ${vectorAt(query, 'query')};
    let g_at = y_at + query * ${stride}u;
    var s = ${type}();
    var p = ${type}();
    for (var d = 0u; d < ${chunks}u; d++) {
      s += ${key.array}[at + d] * ${query.array}[q_at + d];
      p += ${key.array}[at + ${stride}u + d] * dy[g_at + d];
    }
    let row = sequence * ${tokens}u + query;
    let probability = exp(${sumOf(problem, 's')} * ${scale} - log_sum_exp[row]);
    let mask = ${dropout > 0 ? 'keep(sequence, query, key)' : '1.0'};
    let ds = probability * (${sumOf(problem, 'p')} * mask - ${deltaAt(problem, 'row')}) * ${scale};
    for (var d = 0u; d < ${chunks}u; d++) {
      dk[d] += ds * ${query.array}[q_at + d];
      dv[d] += probability * mask * dy[g_at + d];
    }
  }
  for (var d = 0u; d < ${chunks}u; d++) {
    ${keyGradient.array}[at + d] = dk[d];
    ${keyGradient.array}[at + ${stride}u + d] = dv[d];
  }`,
    parts !== null,
  );
  return makeKernel({
    label: `attentionBackwardKeyValue ${problem.label} rows${parts === null ? '' : ' parts'}`,
    bindings: [...problem.inputBindings, ['dy', 'read', problem.yType], ...keyBackwardBindings(problem)],
    body: `${problem.dropoutFunction}${main}`,
    workgroups,
    parts,
    flops,
    bytes: 24 * batch * tokens * heads * headSize,
  });
}
