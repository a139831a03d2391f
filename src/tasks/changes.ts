import { z } from 'zod';
import type { Outcome, Outcomes } from './outcomes';

/** What training changed, sample by sample: the same for every task. */

const outcomeSchema: z.ZodType<Outcome> = z.object({
  right: z.boolean().nullable(),
  score: z.number(),
  said: z.string(),
});

const changedSchema = z.object({
  imageId: z.string(),
  asked: z.string().optional(),
  wanted: z.string(),
  base: outcomeSchema,
  tuned: outcomeSchema,
});
/** A sample with what both models made of it. */
export type ChangedSample = Readonly<z.infer<typeof changedSchema>>;

/**
 * - `fixed`: the tuned model is right where the base model was wrong, or where there is no right and wrong, scores higher
 * - `broken`: the other way round
 * - `wrong`: neither is right; where there is no right and wrong, what scores lowest
 */
export const changeKinds = ['fixed', 'broken', 'wrong'] as const;
export type ChangeKind = (typeof changeKinds)[number];

const listSchema = z.object({ count: z.number(), samples: z.array(changedSchema) });

/** Of each kind how many samples there are, and these or the first of them, those that changed most first. */
export const changesSchema = z.object({
  fixed: listSchema,
  broken: listSchema,
  wrong: listSchema,
  /** Samples that were measured. */
  measured: z.number(),
  /** Whether samples are right or wrong, and not only better or worse. */
  decided: z.boolean(),
  /** Whether scores are errors with a minus in front, so that none is better than 0. */
  errors: z.boolean().default(false),
  /** How likely so uneven a split of fixed and broken is by chance; null where that cannot be told. */
  pValue: z.number().nullable(),
});
export type Changes = Readonly<z.infer<typeof changesSchema>>;

/** Differences of scores below this are none. */
const leastChange = 1e-6;

/** @returns null where there is nothing to compare */
export function changesOf({ samples, base, tuned, turned }: Outcomes): Changes | null {
  if (tuned === null) return null;
  const all = samples.map(({ imageId, asked, wanted }, place): ChangedSample => ({
    imageId,
    ...(asked === undefined ? {} : { asked }),
    wanted,
    base: base[place] ?? nothing,
    tuned: tuned[place] ?? nothing,
  }));
  const decided = all.every((sample) => sample.base.right !== null && sample.tuned.right !== null);
  const of = (kind: ChangeKind) => all.filter((sample) => isOf(kind, sample, decided));
  const list = (found: ChangedSample[], by: (sample: ChangedSample) => number) => ({
    count: found.length,
    // Sorting keeps equals in their order.
    samples: found.sort((a, b) => by(b) - by(a)),
  });
  return {
    fixed: list(of('fixed'), gainOf),
    broken: list(of('broken'), (sample) => -gainOf(sample)),
    wrong: list(of('wrong'), ({ tuned: { score } }) => -score),
    measured: all.length,
    decided,
    errors: !decided && all.every(({ base, tuned }) => base.score <= 0 && tuned.score <= 0),
    pValue: turned?.pValue ?? null,
  };
}

const nothing: Outcome = { right: null, score: NaN, said: '' };

/** By how much the tuned model scores higher. */
function gainOf({ base, tuned }: Pick<ChangedSample, 'base' | 'tuned'>): number {
  return tuned.score - base.score;
}

function isOf(kind: ChangeKind, { base, tuned }: ChangedSample, decided: boolean): boolean {
  const gain = gainOf({ base, tuned });
  switch (kind) {
    case 'fixed':
      return decided ? base.right === false && tuned.right === true : gain > leastChange;
    case 'broken':
      return decided ? base.right === true && tuned.right === false : gain < -leastChange;
    case 'wrong':
      return decided ? base.right === false && tuned.right === false : true;
  }
}

/** The same with at most so many samples of each kind, for keeping. */
export function firstChanges(changes: Changes, most: number): Changes {
  const first = ({ count, samples }: Changes['fixed']) => ({ count, samples: samples.slice(0, most) });
  return { ...changes, fixed: first(changes.fixed), broken: first(changes.broken), wrong: first(changes.wrong) };
}
