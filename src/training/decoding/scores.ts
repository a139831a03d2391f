import type { Decoding, Sampling } from '../../recipe/decoding';

/** What is done to the scores of the next token before one is taken, in the order of `generate` of Transformers 5. */

/** The logarithm of the sum of the exponentials of a row of logits: what lies between them and the logarithms of probabilities. */
export function logSumExp(logits: Float32Array): number {
  let most = -Infinity;
  for (let i = 0; i < logits.length; i++) if (logits[i]! > most) most = logits[i]!;
  return most + Math.log(sumOfExponentials(logits, most));
}

/** Parts that an octave is cut into, the powers of two at them, and those of whole octaves downwards. */
const parts = 64;
const partsPerUnit = parts / Math.LN2;
const withinOctave = Float64Array.from({ length: parts }, (_, part) => 2 ** (part / parts));
const octaves = Float64Array.from({ length: 65 }, (_, octave) => 2 ** -octave);

/** What lies so far below the largest is nothing in a double beside it, in any vocabulary. */
const nothing = -44;

/**
 * The sum of `exp(logit - most)`, each within 1e-12 of its value. `Math.exp` takes as long for a vocabulary as a step of a small decoder does. What is left of
 * a number after a whole count of 64ths of an octave is below 0.0055, where five terms of the series do.
 */
function sumOfExponentials(logits: Float32Array, most: number): number {
  let sum = 0;
  for (let i = 0; i < logits.length; i++) {
    const x = logits[i]! - most;
    if (x < nothing) continue;
    // Rounded: numbers here are not above 0.
    const count = (x * partsPerUnit - 0.5) | 0;
    const r = x - count / partsPerUnit;
    const series = 1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24))));
    sum += withinOctave[count & (parts - 1)]! * octaves[-(count >> 6)]! * series;
  }
  return sum;
}

/** Natural logarithms of the probabilities of a row of logits. */
export function logSoftmax(logits: Float32Array): Float32Array {
  const shift = logSumExp(logits);
  const result = new Float32Array(logits.length);
  for (let i = 0; i < logits.length; i++) result[i] = logits[i]! - shift;
  return result;
}

/**
 * Scores as `RepetitionPenaltyLogitsProcessor` and `MinNewTokensLengthLogitsProcessor` change them; the same ones where there is nothing to change.
 *
 * @param given of one sequence: logits, or logarithms of probabilities with beams
 * @param before all tokens of the sequence, what it began with included
 * @param written how many of them were written since
 */
export function adjustedScores(
  given: Float32Array,
  before: readonly number[],
  written: number,
  end: number,
  { repetitionPenalty, shortest }: Pick<Decoding, 'repetitionPenalty' | 'shortest'>,
): Float32Array {
  if (repetitionPenalty === 1 && written >= shortest) return given;
  const scores = given.slice();
  if (repetitionPenalty !== 1) {
    for (const token of new Set(before)) {
      const score = scores[token];
      if (score !== undefined) scores[token] = score < 0 ? score * repetitionPenalty : score / repetitionPenalty;
    }
  }
  if (written < shortest) scores[end] = -Infinity;
  return scores;
}

/**
 * The tokens that sampling draws from, most probable first, with their probabilities: temperature, then the K best (those as good as the Kth
 * included), then the fewest that hold a share P together.
 */
export function candidates(
  scores: Float32Array,
  { temperature, topK, topP }: Pick<Sampling, 'temperature' | 'topK' | 'topP'>,
): readonly { readonly token: number; readonly probability: number }[] {
  const order = Array.from(scores.keys())
    .filter((token) => scores[token]! > -Infinity)
    .sort((a, b) => scores[b]! - scores[a]! || a - b);
  const last = topK > 0 && topK < order.length ? scores[order[topK - 1]!]! : -Infinity;
  const best = scores[order[0] ?? 0] ?? 0;
  const kept = order.filter((token) => scores[token]! >= last);
  const weights = kept.map((token) => Math.exp((scores[token]! - best) / temperature));
  const all = sum(weights);
  let held = 0;
  let count = 0;
  // The first is always there, and the one that passes the share is the last.
  while (count < kept.length && (count === 0 || topP >= 1 || held < topP)) held += weights[count++]! / all;
  const total = sum(weights.slice(0, count));
  return kept.slice(0, count).map((token, place) => ({ token, probability: weights[place]! / total }));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
