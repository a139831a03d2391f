import type { InputData } from '../engine/executor';
import type { GeneratorArchitecture } from './families/family';
import { generatorInputs } from './generator-graph';

/**
 * What a generator is fed with while it is taught (teacher forcing): the right words shifted by one, so that it gives each from those before. Two
 * ways are in use, and named after where they come from:
 *
 * - `lavis`: as the authors of BLIP train it (LAVIS). Words begin with [DEC] and questions with [ENC] in the place of [CLS]; padding and the prompt
 *   are no targets.
 * - `transformers`: as `labels=input_ids` of Transformers' classes has it. [CLS] stays first, and padding is a target like any word.
 */
export type LabelConvention = 'lavis' | 'transformers';

/** Label smoothing that goes with each. */
export const usualSmoothing: Readonly<Record<LabelConvention, number>> = { lavis: 0.1, transformers: 0 };

export interface ForcedOptions {
  readonly labels: LabelConvention;
  /** Tokens that the decoder reads of each row (`decoderTokens`). */
  readonly tokens: number;
  /** Rows of the batch; those beyond the sequences count nothing. Default: one for each sequence. */
  readonly rows?: number;
  /** Tokens of the prompt that words begin with, special ones not counted. */
  readonly promptTokens?: number;
  /** What each sequence counts, for losses that are summed (`WordLossOptions.reduction`). */
  readonly weights?: ArrayLike<number>;
}

/** Tokens that the decoder reads for sequences of at most so many: the last one is given and never read. */
export function decoderTokens(longest: number): number {
  return Math.max(1, longest - 1);
}

/** @param sequences token ids as the tokenizer gives them: words between [CLS] and [SEP] */
export function forcedWords(
  { special }: Pick<GeneratorArchitecture, 'special'>,
  sequences: readonly ArrayLike<number>[],
  { labels, tokens, rows = sequences.length, promptTokens = 0, weights }: ForcedOptions,
): InputData {
  const ids = new Int32Array(rows * tokens).fill(special.pad);
  const targets = new Int32Array(rows * tokens).fill(-1);
  const counted = new Float32Array(rows * tokens);
  sequences.forEach((sequence, row) => {
    const all = Int32Array.from(sequence).subarray(0, tokens + 1);
    const given = all.subarray(1);
    const start = row * tokens;
    ids.set(all.subarray(0, tokens), start);
    if (labels === 'transformers') targets.fill(special.pad, start, start + tokens);
    targets.set(given, start);
    if (labels === 'lavis') {
      ids[start] = special.begin;
      targets.fill(-1, start, start + Math.min(promptTokens, given.length));
    }
    counted.fill(weights?.[row] ?? 1, start, start + tokens);
  });
  return {
    [generatorInputs.ids]: ids,
    [generatorInputs.targets]: targets,
    ...(weights !== undefined && { [generatorInputs.weights]: counted }),
  };
}

/** @param sequences token ids as the tokenizer gives them; rows beyond them hold padding of length 1 */
export function questionInputs(
  { special }: Pick<GeneratorArchitecture, 'special'>,
  sequences: readonly ArrayLike<number>[],
  {
    labels,
    tokens,
    rows = sequences.length,
  }: { readonly labels: LabelConvention; readonly tokens: number; readonly rows?: number },
): InputData {
  const ids = new Int32Array(rows * tokens).fill(special.pad);
  const lengths = new Int32Array(rows).fill(1);
  sequences.forEach((sequence, row) => {
    const kept = Int32Array.from(sequence).subarray(0, tokens);
    ids.set(kept, row * tokens);
    if (labels === 'lavis') ids[row * tokens] = special.question;
    lengths[row] = Math.max(1, kept.length);
  });
  return { [generatorInputs.questionIds]: ids, [generatorInputs.questionLengths]: lengths };
}
