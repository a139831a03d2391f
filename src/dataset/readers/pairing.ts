import { isImageExtension } from '../image-info';
import { baseName, directoryOf, extensionOf, isDocumentation, joinPath, withoutExtension } from '../paths';
import type { Target } from './target';

/** Extensions of caption files as text; JSON beside a picture serves where these say nothing. */
const textExtensions = new Set(['txt', 'caption', 'cap', 'text', 'prompt']);
/** Names of the caption file in a folder that holds one picture. */
const captionNames = new Set(['caption', 'captions', 'text', 'prompt', 'description', 'label', 'title', 'alt']);

/** True for the extensions of caption files. */
export function isCaptionFile(path: string): boolean {
  return textExtensions.has(extensionOf(path));
}

/** Which caption files belong to which pictures. */
export interface Pairs {
  /** Caption files by picture, texts and JSON apart. */
  readonly texts: ReadonlyMap<Target, readonly string[]>;
  readonly jsons: ReadonlyMap<Target, readonly string[]>;
  /** Paths of all files that have a picture. */
  readonly paired: ReadonlySet<string>;
}

/**
 * Pairs caption files with pictures by their names: `cat.jpg.txt` with `cat.jpg` alone; `cat.txt` with all pictures of the stem `cat` that
 * have no file of the first kind; WebDataset's `cat.txt` or `cat.out.txt` with `cat.in.jpg`; a file in a parallel folder (`captions/cat.txt`)
 * with the one picture of its stem; `caption.txt` with the only picture of its folder. Files that none of these fit are tried with the stored
 * pictures. Letter case and the two ways to write accents are forgiven.
 */
export function pairCaptionFiles(
  images: readonly Target[],
  stored: readonly Target[],
  others: readonly string[],
): Pairs {
  const texts: string[] = [];
  const jsons: string[] = [];
  for (const path of others) {
    if (isDocumentation(path)) continue;
    if (isCaptionFile(path)) texts.push(path);
    else if (extensionOf(path) === 'json') jsons.push(path);
  }
  if (texts.length + jsons.length === 0) return { texts: new Map(), jsons: new Map(), paired: new Set() };
  const here = new Pictures(images);
  const there = new Pictures(stored);
  const pairsOf = (paths: readonly string[]): Map<Target, string[]> => pair(paths, here, there);
  const pairs = { texts: pairsOf(texts), jsons: pairsOf(jsons) };
  return { ...pairs, paired: new Set([...pairs.texts.values(), ...pairs.jsons.values()].flat()) };
}

function pair(files: readonly string[], here: Pictures, there: Pictures): Map<Target, string[]> {
  const pairs = new Map<Target, string[]>();
  const give = (target: Target, path: string): void => {
    const given = pairs.get(target);
    if (given === undefined) pairs.set(target, [path]);
    else given.push(path);
  };
  /** Each step takes the files that fit and leaves the others to the next. */
  const step = (left: readonly string[], targetsOf: (path: string) => readonly Target[]): string[] => {
    const before = new Set(pairs.keys());
    return left.filter((path) => {
      const targets = targetsOf(path);
      const bare = targets.filter((target) => !before.has(target));
      for (const target of bare.length > 0 ? bare : targets) give(target, path);
      return targets.length === 0;
    });
  };
  /** A step that goes by weaker signs and serves only pictures that have nothing. */
  const weakStep = (left: readonly string[], targetOf: (path: string) => Target | null): string[] => {
    const before = new Set(pairs.keys());
    return step(left, (path) => {
      const target = targetOf(path);
      return target === null || before.has(target) ? [] : [target];
    });
  };
  let left = step(files, (path) => here.byPath(keyOf(withoutExtension(path))));
  left = step(left, (path) => here.byStem(keyOf(withoutExtension(path))));
  const samples = groupBy(left, sampleKey);
  left = weakStep(left, (path) => {
    const key = sampleKey(path);
    return samples.get(key)?.length === 1 ? onlyOf(here.bySample(key)) : null;
  });
  left = weakStep(left, (path) => here.inParallelFolder(path));
  const folders = groupBy(left, directoryOf);
  const names = groupBy(left, baseName);
  left = weakStep(left, (path) => {
    const name = baseName(path);
    const alone = folders.get(directoryOf(path))?.length === 1 && (names.get(name)?.length ?? 0) > 1;
    const isCaption = captionNames.has(withoutExtension(name).toLowerCase());
    return alone || isCaption ? onlyOf(here.byFolder(directoryOf(path))) : null;
  });
  step(left, (path) => {
    const key = keyOf(withoutExtension(path));
    const named = [there.byPath(key), there.byStem(key), there.byStemName(baseName(key))];
    const only = onlyOf(named.find(({ length }) => length > 0) ?? []);
    return only === null ? [] : [only];
  });
  return pairs;
}

const keyOf = (path: string): string => path.normalize('NFC').toLowerCase();

/** WebDataset's key of a sample: the path up to the first dot of the name. */
function sampleKey(path: string): string {
  return keyOf(joinPath(directoryOf(path), baseName(path).split('.')[0] ?? ''));
}

/** Pictures by what names can have in common. */
class Pictures {
  constructor(private readonly targets: readonly Target[]) {}

  // Each is made when a step first asks for it: most imports end with the second.
  private readonly groups = new Map<(path: string) => string, ReadonlyMap<string, readonly Target[]>>();
  readonly byPath = (key: string): readonly Target[] => this.by(keyOf, key);
  readonly byStem = (key: string): readonly Target[] => this.by(stemKey, key);
  readonly byStemName = (key: string): readonly Target[] => this.by(stemNameKey, key);
  readonly bySample = (key: string): readonly Target[] => this.by(sampleKey, key);
  readonly byFolder = (key: string): readonly Target[] => this.by(directoryOf, key);

  private by(keyOfPath: (path: string) => string, key: string): readonly Target[] {
    let group = this.groups.get(keyOfPath);
    if (group === undefined) {
      group = groupBy(this.targets, ({ path }) => keyOfPath(path));
      this.groups.set(keyOfPath, group);
    }
    return group.get(key) ?? [];
  }

  /** The one picture of the file's stem in a folder that holds no such files itself, by preference where a single folder of the path differs. */
  inParallelFolder(path: string): Target | null {
    if (this.byFolder(directoryOf(path)).length > 0) return null;
    const found = this.byStemName(keyOf(withoutExtension(baseName(path))));
    if (found.length < 2) return onlyOf(found);
    const folders = directoryOf(path).split('/');
    const parallel = found.filter((target) => {
      const its = directoryOf(target.path).split('/');
      return its.length === folders.length && its.filter((folder, i) => folder !== folders[i]).length === 1;
    });
    return onlyOf(parallel);
  }
}

function onlyOf(targets: readonly Target[]): Target | null {
  return targets.length === 1 ? (targets[0] ?? null) : null;
}

/** A picture's path without its extension; a dot in the name of a picture without one stays. */
const stemKey = (path: string): string => keyOf(isImageExtension(extensionOf(path)) ? withoutExtension(path) : path);

const stemNameKey = (path: string): string => baseName(stemKey(path));

function groupBy<Item>(items: readonly Item[], keyOfItem: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOfItem(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
