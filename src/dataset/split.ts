import type { Dataset, Split } from './types';

/** Seed and shares of a split; the rest is for training. */
export type SplitSettings = Dataset['split'];

/** 80 / 10 / 10. */
export const defaultSplit: SplitSettings = { seed: 42, validation: 0.1, test: 0.1 };

/**
 * A number in 0…1 that depends on the seed and the picture alone: 53 bits of the content hash, stirred with the seed (the finaliser of
 * MurmurHash3). Since no other picture plays a part, adding or removing pictures moves none of the others to another split.
 * @param hash SHA-256 in hexadecimal
 */
export function splitPosition(hash: string, seed: number): number {
  const high = stir(Number.parseInt(hash.slice(0, 8), 16) ^ Math.imul(seed, 0x9e3779b1));
  const low = stir(Number.parseInt(hash.slice(8, 16), 16) ^ high ^ seed);
  return (high * 0x20_0000 + (low >>> 11)) / 2 ** 53;
}

function stir(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** The split of a picture by its hash. */
export function splitOf(hash: string, settings: SplitSettings): Split {
  const position = splitPosition(hash, settings.seed);
  if (position < settings.test) return 'test';
  return position < settings.test + settings.validation ? 'validation' : 'train';
}

/** How an import splits its pictures. */
export interface GivenSplits {
  /** The split to store, from the one that the files give a picture and its hash. */
  readonly splitOf: (split: Split | null, hash: string) => Split;
  /** Shares of the parts that are drawn: 0 for those that the files decide on. */
  readonly drawn: SplitSettings;
  /** True where the files decide, and leave no picture for testing. */
  readonly withoutTest: boolean;
}

/**
 * Turns splits that files give into splits to store. They count only when some pictures are for training and some are not: a lone folder
 * called `test` is just a name. With training and validation given, training pictures stay for training, and there is no test part unless the
 * files give one. Without validation, by which the best weights are chosen, it is drawn from the training pictures.
 */
export function givenSplits(given: Iterable<Split | null>, settings: SplitSettings): GivenSplits {
  const present = new Set(given);
  const counts = present.has('train') && (present.has('validation') || present.has('test'));
  if (!counts) return { splitOf: (_, hash) => splitOf(hash, settings), drawn: settings, withoutTest: false };
  const drawn: SplitSettings = {
    seed: settings.seed,
    validation: present.has('validation') ? 0 : settings.validation,
    test: 0,
  };
  return {
    splitOf(split, hash) {
      if (split === null) return splitOf(hash, settings);
      return split === 'train' ? splitOf(hash, drawn) : split;
    },
    drawn,
    withoutTest: !present.has('test'),
  };
}

/**
 * Chance may leave the validation or test part of a small dataset empty or tiny. Names the training pictures to move so that each part with a
 * share gets at least half of it, and at least one picture, as long as two thirds remain for training.
 * @returns new splits by id
 */
export function topUpSplits(
  pictures: readonly { readonly id: string; readonly hash: string; readonly split: Split }[],
  settings: SplitSettings,
): Map<string, Split> {
  const moved = new Map<string, Split>();
  const train = pictures
    .filter(({ split }) => split === 'train')
    .map(({ id, hash }) => ({ id, position: splitPosition(hash, settings.seed) }))
    .sort((a, b) => a.position - b.position);
  for (const part of ['validation', 'test'] as const) {
    const share = settings[part];
    if (share === 0) continue;
    const wanted = Math.max(1, Math.floor((share * pictures.length) / 2));
    let have = pictures.filter(({ split }) => split === part).length;
    while (have < wanted && train.length > (pictures.length * 2) / 3) {
      const next = train.shift();
      if (next === undefined) break;
      moved.set(next.id, part);
      have += 1;
    }
  }
  return moved;
}
