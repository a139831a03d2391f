import { attentionProblem, type AttentionOptions, type AttentionShape, type AttentionVariant } from './problem';
import { attentionBackwardKeyValueRows, attentionBackwardQueryRows, attentionForwardRows } from './rows';
import { attentionBackwardKeyValueTile, attentionBackwardQueryTile } from './backward-tile';
import { attentionForwardTile } from './forward-tile';
import { keyValueTile, queryTile, tileOf } from './tile-size';
import type { Kernel } from '../../kernels/kernel';

/** Works on every device. Heads whose size is no multiple of 4, or beyond all that models have, fall back to `rows`. */
const defaultAttentionVariant: AttentionVariant = { kind: 'tile', worker: 'lane', lanes: 64 };

/** Whether a variant's kernels go over sequences of this shape block by block. */
export function takesBlocks(shape: AttentionShape, variant: AttentionVariant): boolean {
  if (variant.kind === 'rows') return false;
  const problem = attentionProblem(shape, { causal: false, lengths: false, dropout: 0, salt: 0 });
  return [queryTile, keyValueTile].some((contents) => (tileOf(problem, variant, contents)?.block ?? null) !== null);
}

/**
 * Multi-head scaled dot-product attention without a stored matrix of probabilities.
 *
 * Bindings: qkv, lengths if any, scalars with dropout, y, and with `saveLogSumExp` the log of the softmax's denominator,
 * `[batch * heads * tokens]`.
 */
export function attentionForward(
  shape: AttentionShape,
  options: AttentionOptions & { readonly saveLogSumExp: boolean },
  variant: AttentionVariant = defaultAttentionVariant,
): Kernel {
  const problem = attentionProblem(shape, options);
  const { saveLogSumExp } = options;
  const tiled = variant.kind === 'tile' ? attentionForwardTile(problem, variant, saveLogSumExp) : null;
  return tiled ?? attentionForwardRows(problem, saveLogSumExp);
}

/**
 * Gradient of attention with respect to qkv, overwriting dQkv. Probabilities are computed again from the saved log-sum-exp (Dao et al. 2022,
 * arXiv 2205.14135, appendix B.2); masks are drawn again from the seed.
 *
 * Two kernels, to run in this order. Bindings of the first: qkv, y, dy, logSumExp, lengths if any, scalars with dropout, dQkv, delta
 * (scratch `[batch * heads * tokens]`). Of the second: qkv, dy, logSumExp, delta, lengths if any, scalars with dropout, dQkv.
 */
export function attentionBackward(
  shape: AttentionShape,
  options: AttentionOptions,
  variant: AttentionVariant = defaultAttentionVariant,
): readonly [query: Kernel, keyValue: Kernel] {
  const problem = attentionProblem(shape, options);
  const [query, keyValue] =
    variant.kind === 'tile'
      ? [attentionBackwardQueryTile(problem, variant), attentionBackwardKeyValueTile(problem, variant)]
      : [null, null];
  return [query ?? attentionBackwardQueryRows(problem), keyValue ?? attentionBackwardKeyValueRows(problem)];
}
