import { captionGroups, distinctCaptions } from './caption-groups';
import { columnsWithRole, textIn, type Columned } from './columns';
import type { Dataset, SampleRecord, Split } from './types';

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
  return partAt(splitPosition(hash, settings.seed), settings);
}

function partAt(position: number, settings: SplitSettings): Split {
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

/** What a split goes by. */
export interface SplitPicture {
  readonly id: string;
  readonly hash: string;
  /** What ties it to others, where some lie together: captions, and names of groups. */
  readonly captions: readonly string[];
}

/** Whether some pictures go where others go. */
export function keepsTogether({ byCaption, byGroup }: SplitSettings): boolean {
  return byCaption === true || byGroup === true;
}

/** Pictures with what ties them to each other by some settings. */
export function withTies(
  pictures: readonly SampleRecord[],
  dataset: Columned,
  { byCaption, byGroup }: SplitSettings,
): readonly (SplitPicture & { readonly split: Split })[] {
  if (byGroup !== true) return pictures;
  const columns = columnsWithRole(dataset, 'group');
  return pictures.map((picture) => {
    const { id, hash, split, captions } = picture;
    const groups = columns.flatMap((column) => {
      const name = textIn(picture, column)?.trim() ?? '';
      return name === '' ? [] : [`${column.name}: ${name}`];
    });
    return { id, hash, split, captions: [...(byCaption === true ? captions : []), ...groups] };
  });
}

/** The split of all pictures of a dataset by seed and shares. */
export function splitAll(pictures: readonly SplitPicture[], settings: SplitSettings): ReadonlyMap<string, Split> {
  if (keepsTogether(settings)) return splitGroups(pictures, settings);
  const split = pictures.map((picture) => ({ ...picture, split: splitOf(picture.hash, settings) }));
  const moved = topUpSplits(split, settings);
  return new Map(split.map(({ id, split: drawn }) => [id, moved.get(id) ?? drawn]));
}

/**
 * The split of pictures that are added to a dataset which keeps equal captions together: they follow the pictures with their captions that are
 * there already; new captions are drawn by themselves, so that they move nothing.
 *
 * @param added the pictures that are new
 */
export function splitAdded(
  pictures: readonly (SplitPicture & { readonly split: Split })[],
  settings: SplitSettings,
  added: (picture: SplitPicture) => boolean,
): ReadonlyMap<string, Split> {
  const splits = new Map<string, Split>();
  for (const { position, members } of groupsOf(pictures, settings.seed)) {
    const known = members.find((member) => !added(member))?.split;
    for (const member of members) {
      if (added(member)) splits.set(member.id, known ?? partAt(position, settings));
    }
  }
  return splits;
}

interface Group<Picture> {
  /** In 0…1, from the seed and its first caption in alphabetical order; from the picture itself where it has none. */
  readonly position: number;
  readonly members: readonly Picture[];
}

/** Pictures that are tied by captions, which may be on several pictures, while a picture may carry several. */
function groupsOf<Picture extends SplitPicture>(pictures: readonly Picture[], seed: number): readonly Group<Picture>[] {
  const { keys, captionsOf } = distinctCaptions(pictures);
  const { ofCaption, count } = captionGroups(captionsOf, keys.length);
  const members = Array.from({ length: count }, (): Picture[] => []);
  const alone: Group<Picture>[] = [];
  pictures.forEach((picture, index) => {
    const [caption] = captionsOf[index] ?? [];
    if (caption === undefined) alone.push({ position: splitPosition(picture.hash, seed), members: [picture] });
    else members[ofCaption[caption] as number]?.push(picture);
  });
  const first: string[] = [];
  keys.forEach((key, caption) => {
    const group = ofCaption[caption] as number;
    const known = first[group];
    if (known === undefined || key < known) first[group] = key;
  });
  const tied = members.map((own, group) => ({
    position: splitPosition(textHash(first[group] ?? ''), seed),
    members: own,
  }));
  return [...tied, ...alone];
}

/**
 * Groups go whole, in the order of their positions: into the test part as long as they fit into its share, then into validation, and the rest is
 * for training. A part that no group fits into gets the smallest one, as long as half of the pictures remain for training.
 */
function splitGroups(pictures: readonly SplitPicture[], settings: SplitSettings): ReadonlyMap<string, Split> {
  let rest = [...groupsOf(pictures, settings.seed)].sort((a, b) => a.position - b.position);
  let remaining = pictures.length;
  const splits = new Map<string, Split>(pictures.map(({ id }) => [id, 'train']));
  for (const part of ['test', 'validation'] as const) {
    const room = Math.round(settings[part] * pictures.length);
    const taken = new Set<Group<SplitPicture>>();
    let filled = 0;
    for (const group of rest) {
      if (filled + group.members.length > room) continue;
      taken.add(group);
      filled += group.members.length;
    }
    if (filled === 0 && settings[part] > 0) {
      const smallest = [...rest].sort((a, b) => a.members.length - b.members.length)[0];
      if (smallest !== undefined && 2 * (remaining - smallest.members.length) >= pictures.length) taken.add(smallest);
    }
    for (const { members } of taken) {
      remaining -= members.length;
      for (const { id } of members) splits.set(id, part);
    }
    rest = rest.filter((group) => !taken.has(group));
  }
  return splits;
}

/** 16 hexadecimal digits that depend on a text: FNV-1a with two bases, enough to spread captions evenly. */
function textHash(text: string): string {
  const half = (basis: number): string => {
    let hash = basis;
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    return stir(hash).toString(16).padStart(8, '0');
  };
  return half(0x811c9dc5) + half(0x9e3779b9);
}
