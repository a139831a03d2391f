import { z } from 'zod';

/**
 * How words are drawn from a model that writes them token by token, as `generate` of Transformers has it. Part of recipes, for what is written
 * at evaluations, and of what the page asks for.
 */
export const decodingSchema = z.strictObject({
  /** Tokens that are written at most, and at least before a text may end (`max_new_tokens`, `min_new_tokens`). */
  longest: z.int().min(1).max(512),
  shortest: z.int().min(0).max(512),
  /** Texts that are followed side by side; 1 follows one alone. */
  beams: z.int().min(1).max(16),
  /** Power of the length that the score of a text is divided by, with beams: above 0 longer ones gain. */
  lengthPenalty: z.number().min(-5).max(5),
  /** Whether a search with beams is over as soon as as many texts are finished as there are beams, and not only where none could be better. */
  earlyStopping: z.boolean(),
  /** What the scores of tokens that were written before are divided by, or multiplied with where they are negative; 1 leaves them as they are. */
  repetitionPenalty: z.number().min(0.1).max(10),
  /** Tokens are drawn at random, with one beam; null takes the most probable one. */
  sampling: z
    .strictObject({
      /** What scores are divided by: below 1 probable tokens gain. */
      temperature: z.number().min(0.01).max(10),
      /** Tokens to draw from, the most probable first; 0: all. */
      topK: z.int().min(0).max(1_000_000),
      /** Share of the probability that the tokens to draw from hold together; 1: all. */
      topP: z.number().min(0.01).max(1),
      seed: z.int().min(0).max(0xffff_ffff),
    })
    .nullable(),
});

export type Decoding = Readonly<z.infer<typeof decodingSchema>>;
export type Sampling = Readonly<NonNullable<Decoding['sampling']>>;

/** The most probable token each time. */
export const greedy: Decoding = {
  longest: 20,
  shortest: 0,
  beams: 1,
  lengthPenalty: 1,
  earlyStopping: false,
  repetitionPenalty: 1,
  sampling: null,
};
