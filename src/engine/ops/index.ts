import type { ValueId } from '../graph/value';
import { attentionOperation } from './attention/node';
import { concatOperation } from './concat/node';
import { contrastiveLossOperation } from './contrastive-loss/node';
import { crossEntropyOperation } from './cross-entropy/node';
import { dropoutOperation } from './dropout/node';
import { elementLossOperation } from './element-loss/node';
import { fillMissingOperation } from './fill-missing/node';
import { gateOperation } from './gate/node';
import { gatherRowsOperation } from './gather-rows/node';
import { imageTokensOperation } from './image-tokens/node';
import { layerNormOperation } from './layer-norm/node';
import { linearOperation } from './linear/node';
import { normalizeOperation } from './normalize/node';
import type { Operation, Unplaced } from './operation';
import { patchifyOperation } from './patchify/node';
import { poolOperation } from './pool/node';
import { sigmoidLossOperation } from './sigmoid-loss/node';
import { tokenEmbeddingOperation } from './token-embedding/node';
import { writeRowsOperation } from './write-rows/node';
import { tokenMeanOperation } from './token-mean/node';

/**
 * Every operation that a graph may hold. What computes them is listed beside this file, in one list for each way to compute, so that none is
 * loaded with another; types ask for an entry there as soon as there is one here.
 */
const operations = {
  attention: attentionOperation,
  concat: concatOperation,
  contrastiveLoss: contrastiveLossOperation,
  crossEntropy: crossEntropyOperation,
  dropout: dropoutOperation,
  elementLoss: elementLossOperation,
  fillMissing: fillMissingOperation,
  gate: gateOperation,
  gatherRows: gatherRowsOperation,
  imageTokens: imageTokensOperation,
  layerNorm: layerNormOperation,
  linear: linearOperation,
  normalize: normalizeOperation,
  patchify: patchifyOperation,
  pool: poolOperation,
  sigmoidLoss: sigmoidLossOperation,
  tokenEmbedding: tokenEmbeddingOperation,
  writeRows: writeRowsOperation,
  tokenMean: tokenMeanOperation,
};

export type OperationName = keyof typeof operations;

type NodeIn<T> = T extends Operation<infer N> ? N : never;

/** The node of an operation. */
export type NodeOf<Op extends OperationName> = NodeIn<(typeof operations)[Op]>;

export type GraphNode = { [Op in OperationName]: NodeOf<Op> }[OperationName];

export const operationNames = Object.keys(operations) as readonly OperationName[];

/** What the graph knows of a node's operation. */
export function operationOf(node: Pick<GraphNode, 'op'>): Operation<GraphNode> {
  // An operation is asked about its own nodes only.
  return operations[node.op] as unknown as Operation<GraphNode>;
}

/** The state that a node writes to, or what a node before it has written there; null where it writes to none. */
export function writtenState(node: Unplaced<GraphNode>): ValueId | null {
  const { writes } = operationOf(node);
  return writes === undefined ? null : ((node as unknown as Readonly<Record<string, ValueId | null>>)[writes] ?? null);
}

/** The values that a node reads, in a fixed order; absent optional ones are left out. */
export function nodeInputs(node: GraphNode): readonly ValueId[] {
  const fields = node as unknown as Readonly<Record<string, ValueId | null>>;
  const operation = operationOf(node);
  return [...operation.reads.flatMap((field) => fields[field] ?? []), ...(operation.readsMore?.(node) ?? [])];
}
