import type { Decoding } from '../../recipe/decoding';
import { decodeByBeams } from './beams';
import { decodeSingly } from './single';
import type { TokenFrame, TokenModel, Written } from './token-model';

/**
 * Writes texts with a model, as `generate` of Transformers 5 does: one a row, or one for every so many rows as there are beams.
 *
 * @param onToken called with the tokens of the texts so far after each token; awaiting it lets messages in, throwing in it ends the work
 */
export function decode(
  model: TokenModel,
  frame: TokenFrame,
  decoding: Decoding,
  onToken?: (texts: readonly (readonly number[])[]) => Promise<void>,
): Promise<readonly Written[]> {
  return decoding.beams > 1
    ? decodeByBeams(model, frame, decoding, onToken)
    : decodeSingly(model, frame, decoding, onToken);
}
