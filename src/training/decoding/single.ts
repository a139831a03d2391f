import type { Decoding } from '../../recipe/decoding';
import { createRandom, mixSeed } from '../random';
import { adjustedScores, candidates, logSumExp } from './scores';
import type { TokenFrame, TokenModel, Written } from './token-model';

/**
 * Writes one text a row, token by token: the most probable one each time, or one that is drawn. The draws of a row depend on the seed and its place
 * alone.
 *
 * @param onToken called with the texts so far after each token
 */
export async function decodeSingly(
  model: TokenModel,
  frame: TokenFrame,
  decoding: Decoding,
  onToken?: (texts: readonly (readonly number[])[]) => Promise<void>,
): Promise<readonly Written[]> {
  const { rows, vocabulary } = model;
  const { longest, sampling } = decoding;
  const texts = Array.from({ length: rows }, (_, row) => ({
    tokens: [] as number[],
    logProbabilities: [] as number[],
    ended: false,
    random: createRandom(mixSeed(sampling?.seed ?? 0, row)),
  }));
  let logits = await model.start(frame.prompt);
  for (let written = 0; written < longest; written++) {
    const next = new Int32Array(rows).fill(frame.end);
    texts.forEach((text, row) => {
      if (text.ended) return;
      const raw = logits.subarray(row * vocabulary, (row + 1) * vocabulary);
      const scores = adjustedScores(raw, [...frame.prompt, ...text.tokens], written, frame.end, decoding);
      const token = sampling === null ? best(scores) : draw(candidates(scores, sampling), text.random());
      text.logProbabilities.push((raw[token] ?? -Infinity) - logSumExp(raw));
      if (token === frame.end) text.ended = true;
      else text.tokens.push(token);
      next[row] = token;
    });
    await onToken?.(texts.map(({ tokens }) => tokens));
    if (written + 1 === longest || texts.every(({ ended }) => ended)) break;
    logits = await model.next(next, null);
  }
  return texts.map(({ tokens, logProbabilities, ended }) => ({ tokens, logProbabilities, ended }));
}

/** The first of the highest scores. */
function best(scores: Float32Array): number {
  let place = 0;
  let most = scores[0] ?? -Infinity;
  for (let token = 1; token < scores.length; token++) {
    if (scores[token]! > most) {
      most = scores[token]!;
      place = token;
    }
  }
  return place;
}

function draw(from: ReturnType<typeof candidates>, at: number): number {
  let passed = 0;
  for (const { token, probability } of from) {
    passed += probability;
    if (at < passed) return token;
  }
  return from.at(-1)?.token ?? 0;
}
