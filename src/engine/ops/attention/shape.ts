import type { ShapeOf } from '../operation';
import { sourcesOf, type AttentionNode } from './node';
import type { AttentionShape } from './problem';

/** The sizes that kernels are written for. */
export function attentionShape(node: AttentionNode, shapeOf: ShapeOf): AttentionShape {
  const { batch, tokens, keys, heads, headSize } = node;
  const sources = sourcesOf(node);
  if (sources.kind === 'together') return { batch, tokens, heads, headSize };
  const sharedQueries = shapeOf(sources.query)[0] !== batch * tokens;
  return { batch, tokens, heads, headSize, apart: { keys, sharedQueries } };
}
