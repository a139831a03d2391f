import { GraphBuilder } from '../../engine/graph/builder';
import { differentiate, type TrainingProgram } from '../../engine/graph/differentiate';
import type { Graph } from '../../engine/graph/ir';
import type { ParameterSpec, ValueId } from '../../engine/graph/value';
import { sourcesOf, type AttentionNode } from '../../engine/ops/attention/node';
import { crossEntropy } from '../../engine/ops/cross-entropy/node';
import { imageTokens } from '../../engine/ops/image-tokens/node';
import { linear } from '../../engine/ops/linear/node';
import type { PoolNode } from '../../engine/ops/pool/node';
import type { TokenMeanNode } from '../../engine/ops/token-mean/node';

/**
 * Graphs that show what a tower attends to. Fused kernels give no attention weights, so one graph gives what they are made of, and another the
 * gradient of a score in what attention puts out: a probe of zeros is added there, which training would change. From these the weights of one
 * sample and their gradients are computed again (`relevance.ts`).
 */

/** Where the queries, keys and values of a layer lie among the outputs of `reading`. */
export interface LayerSources {
  readonly node: AttentionNode;
  readonly outputs:
    | { readonly kind: 'together'; readonly qkv: string }
    | { readonly kind: 'apart'; readonly query: string; readonly keyValue: string };
  /** Name of its probe. */
  readonly probe: string;
}

/** How the tokens behind the last layer become features: one of them, the mean of all but the first, or attention of a learned query. */
export type TokensRead =
  | { readonly kind: 'token'; readonly row: 'first' | 'last' }
  /** Its place is in that input. */
  | { readonly kind: 'token-at'; readonly input: string }
  | { readonly kind: 'mean'; readonly skipped: number }
  | { readonly kind: 'attention' };

export interface AttentionGraphs {
  readonly layers: readonly LayerSources[];
  readonly read: TokensRead;
  /** Gives the sources of all layers, and `featuresOutput`. */
  readonly reading: Graph;
  /** Gives the gradients of the probes, of the cross-entropy of `[target · features, 0]` with the first as right. */
  readonly program: TrainingProgram;
  /** Parameters that are no part of the model: the probes, and `targetName`. */
  readonly own: readonly ParameterSpec[];
  /** Width of the features. */
  readonly width: number;
}

/** Output of the reading graph: what the tower makes of the sample, `[1, width]`. */
export const featuresOutput = 'features';
/** Parameter `[2, width]`: what features are multiplied with, and zeros. */
export const targetName = 'attention.target';
/** Input of the program, i32 `[1]`: 0. */
export const rightInput = 'attention.right';

/** @param tower adds a tower for a batch of one and gives its features `[1, width]` */
export function attentionGraphs(tower: (builder: GraphBuilder) => ValueId): AttentionGraphs {
  const reading = readingGraph(tower);
  const probes = new Set<string>();
  let seen = 0;
  const builder: GraphBuilder = new GraphBuilder((graph, node) => {
    if (node.op !== 'attention') return node.y;
    const name = probeName(seen++);
    probes.add(name);
    const shape = graph.shape(node.y);
    return imageTokens(graph, node.y, null, graph.parameter(shape, { name, shape }), 1);
  });
  const features = tower(builder);
  const [, width = 0] = builder.shape(features);
  const target = builder.parameter([2, width], { name: targetName, shape: [2, width] });
  const logits = linear(builder, features, target);
  const loss = crossEntropy(builder, logits, builder.input(rightInput, 'i32', [1]));
  const graph = builder.build({ loss });
  const own = graph.parameters.filter(({ parts }) => parts.some(({ name }) => probes.has(name) || name === targetName));
  const trained = own.filter(({ parts }) => parts.some(({ name }) => probes.has(name))).map(({ value }) => value);
  return { ...reading, width, own, program: differentiate(graph, loss, new Set(trained)) };
}

const probeName = (layer: number): string => `attention.probe.${layer}`;

/** A graph that gives the sources of all its attention. */
export function readingGraph(
  tower: (builder: GraphBuilder) => ValueId,
): Pick<AttentionGraphs, 'layers' | 'read' | 'reading'> {
  const nodes: AttentionNode[] = [];
  const pooled: (PoolNode | TokenMeanNode)[] = [];
  const builder = new GraphBuilder((_, node) => {
    if (node.op === 'attention') nodes.push(node);
    if (node.op === 'pool' || node.op === 'tokenMean') pooled.push(node);
    return node.y;
  });
  const outputs: Record<string, ValueId> = { [featuresOutput]: tower(builder) };
  const layers = nodes.map((node, layer): LayerSources => {
    const sources = sourcesOf(node);
    const output = (name: string, value: ValueId): string => {
      outputs[`${name}.${layer}`] = value;
      return `${name}.${layer}`;
    };
    const probe = probeName(layer);
    if (sources.kind === 'together') {
      return { node, outputs: { kind: 'together', qkv: output('qkv', sources.qkv) }, probe };
    }
    const { query, keyValue } = sources;
    const names = { query: output('query', query), keyValue: output('keyValue', keyValue) };
    return { node, outputs: { kind: 'apart', ...names }, probe };
  });
  const reading = builder.build(outputs);
  return { layers, read: tokensRead(reading, nodes.at(-1), pooled), reading };
}

function tokensRead(
  { values }: Graph,
  last: AttentionNode | undefined,
  pooled: readonly (PoolNode | TokenMeanNode)[],
): TokensRead {
  if (last !== undefined && last.qkv === null) return { kind: 'attention' };
  const node = pooled.at(-1);
  if (node === undefined) throw new Error('The tower does not say which of its tokens are read.');
  if (node.op === 'tokenMean') return { kind: 'mean', skipped: node.skipped };
  return node.index === null
    ? { kind: 'token', row: node.row }
    : { kind: 'token-at', input: values[node.index]?.name ?? '' };
}
