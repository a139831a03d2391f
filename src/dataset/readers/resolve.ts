import { isImageExtension } from '../image-info';
import { baseName, directoryOf, extensionOf, joinPath, normalizePath, withoutExtension } from '../paths';
import type { Target } from './target';

/** Several pictures fit a name equally. */
export interface Ambiguity {
  readonly candidates: readonly string[];
}

/** Finds the pictures that a table names. */
export interface PictureIndex {
  /**
   * The picture that a table means by `name`: relative to the table, as the formats say; else relative to a folder above it, else the one
   * picture whose path ends so, else the one with that file name. Then the name is tried as other programs write it: percent-encoded, with a
   * caption number (`a.jpg#0`), with the prefix of an upload; a name without extension is tried as a stem, a number as an id within the name.
   * Letter case is forgiven, and so are the two ways to write accents. Pictures of this import come before those that are stored.
   * @returns the picture, the candidates when several fit equally, or null
   */
  find(name: string, tablePath: string): Target | Ambiguity | null;
}

/** Makes the index. `stored` pictures are looked at only where this import has none of the name. */
export function indexPictures(images: readonly Target[], stored: readonly Target[]): PictureIndex {
  // Made when a table first asks: most imports have none.
  let made: readonly Index[] | null = null;
  return {
    find(name, tablePath) {
      made ??= [new Index(images), new Index(stored)].filter(({ empty }) => !empty);
      for (const index of made) {
        let ambiguous: Ambiguity | null = null;
        for (const lookUp of ['byPath', 'byStem'] as const) {
          for (const spelling of spellings(name)) {
            const found = index[lookUp](spelling, tablePath);
            if (found !== null && !('candidates' in found)) return found;
            ambiguous ??= found;
          }
        }
        if (ambiguous !== null) return ambiguous;
      }
      return null;
    },
  };
}

class Index {
  private readonly exact = new Map<string, Target[]>();
  private readonly byName = new Map<string, Target[]>();
  private readonly byBareName = new Map<string, Target[]>();
  private readonly byNumber = new Map<string, Target[]>();

  constructor(targets: Iterable<Target>) {
    for (const target of targets) {
      const path = target.path.normalize('NFC');
      const name = baseName(path).toLowerCase();
      const stem = withoutExtension(name);
      push(this.exact, path, target);
      push(this.byName, name, target);
      push(this.byBareName, stem, target);
      const number = stem.slice(lengthWithoutDigits(stem));
      if (number !== '') push(this.byNumber, withoutZeros(number), target);
    }
  }

  get empty(): boolean {
    return this.exact.size === 0;
  }

  byPath(name: string, tablePath: string): Target | Ambiguity | null {
    for (let directory = directoryOf(tablePath).normalize('NFC'); ; directory = directoryOf(directory)) {
      const found = this.exact.get(resolveDots(joinPath(directory, name)));
      if (found !== undefined) return theOne(found);
      if (directory === '') break;
    }
    const wanted = resolveDots(name);
    return closest(this.byName.get(baseName(wanted).toLowerCase()) ?? [], wanted, (path) => path);
  }

  byStem(name: string): Target | Ambiguity | null {
    const wanted = resolveDots(name);
    if (isImageExtension(extensionOf(wanted))) return null;
    const sameStem = this.byBareName.get(baseName(wanted).toLowerCase()) ?? [];
    if (sameStem.length > 0) return closest(sameStem, wanted, withoutExtension);
    // COCO and others write 42 for 000000000042.jpg or COCO_val2014_000000000042.jpg.
    return /^\d+$/.test(wanted) ? theOne(this.byNumber.get(withoutZeros(wanted)) ?? []) : null;
  }
}

/** The one of `targets` whose path ends in `wanted`, regardless of case if need be; else the only one. */
function closest(
  targets: readonly Target[],
  wanted: string,
  pathOf: (path: string) => string,
): Target | Ambiguity | null {
  if (targets.length < 2) return targets[0] ?? null;
  const suffix = `/${wanted}`;
  const paths = targets.map((target) => ({ target, path: `/${pathOf(target.path.normalize('NFC'))}` }));
  const ending = paths.filter(({ path }) => path.endsWith(suffix));
  const anyCase = paths.filter(({ path }) => path.toLowerCase().endsWith(suffix.toLowerCase()));
  return theOne(([ending, anyCase].find((group) => group.length > 0) ?? paths).map(({ target }) => target));
}

function theOne(targets: readonly Target[]): Target | Ambiguity | null {
  if (targets.length > 1) return { candidates: targets.map(({ path }) => path) };
  return targets[0] ?? null;
}

/** Longer texts name no file. */
const longestName = 4_096;

/** A name and the other ways in which programs write it, the plainest first. */
function* spellings(name: string): Generator<string> {
  if (name.length > longestName) return;
  const plain = normalizePath(name).normalize('NFC');
  const seen = new Set<string>();
  const queue = [plain];
  for (let spelling = queue.shift(); spelling !== undefined; spelling = queue.shift()) {
    if (spelling === '' || seen.has(spelling)) continue;
    seen.add(spelling);
    yield spelling;
    const parts = [
      percentDecoded(spelling),
      // Flickr8k: the number of the caption behind the picture's name.
      spelling.replace(/#\d+$/, ''),
      // A web address or a local address of Label Studio: /data/local-files/?d=folder/a.jpg
      /[?&]d=([^&#]+)/.exec(spelling)?.[1] ?? '',
      withoutQuery(spelling),
      // Label Studio puts eight hexadecimal digits before the names of uploaded files.
      spelling.replace(/(^|\/)[0-9a-f]{8}-([^/]+)$/, '$1$2'),
    ];
    queue.push(...parts.map((part) => part.normalize('NFC')));
  }
}

function percentDecoded(text: string): string {
  if (!/%[0-9a-f]{2}/i.test(text)) return text;
  try {
    return normalizePath(decodeURIComponent(text));
  } catch {
    return text;
  }
}

/** `a.jpg?w=200` → `a.jpg` */
function withoutQuery(path: string): string {
  const mark = path.indexOf('?', path.lastIndexOf('/') + 1);
  return mark < 0 ? path : path.slice(0, mark);
}

/** Length of a text without the digits at its end. */
function lengthWithoutDigits(text: string): number {
  let length = text.length;
  while (length > 0 && /\d/.test(text.charAt(length - 1))) length -= 1;
  return length;
}

const withoutZeros = (digits: string): string => digits.replace(/^0+(?=\d)/, '');

function push(map: Map<string, Target[]>, key: string, target: Target): void {
  const group = map.get(key);
  if (group === undefined) map.set(key, [target]);
  else group.push(target);
}

/** `a/../b` → `b`; steps above the top vanish. */
function resolveDots(path: string): string {
  if (!path.includes('..')) return path;
  const out: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') out.pop();
    else out.push(segment);
  }
  return out.join('/');
}
