import { baseName, directoryOf, joinPath, normalizePath } from '../paths';

/** Finds the pictures that a table names. */
export interface PictureIndex {
  /**
   * The path of the picture that a table means by `name`: relative to the table, as the formats say; else relative to a folder above it, else
   * the one picture whose path ends so, else the one with that file name. Letter case is forgiven last.
   * @returns a path, `'ambiguous'` with the candidates when several fit equally, or null
   */
  find(name: string, tablePath: string): string | { readonly candidates: readonly string[] } | null;
}

export function indexPictures(paths: Iterable<string>): PictureIndex {
  const exact = new Map<string, string>();
  const byName = new Map<string, string[]>();
  for (const path of paths) {
    exact.set(path, path);
    const key = baseName(path).toLowerCase();
    const group = byName.get(key);
    if (group === undefined) byName.set(key, [path]);
    else group.push(path);
  }
  return {
    find(name, tablePath) {
      const wanted = resolveDots(normalizePath(name));
      for (let directory = directoryOf(tablePath); ; directory = directoryOf(directory)) {
        const found = exact.get(resolveDots(joinPath(directory, normalizePath(name))));
        if (found !== undefined) return found;
        if (directory === '') break;
      }
      const sameName = byName.get(baseName(wanted).toLowerCase()) ?? [];
      const suffix = `/${wanted}`;
      const ending = sameName.filter((path) => `/${path}`.endsWith(suffix));
      const endingAnyCase = sameName.filter((path) => `/${path}`.toLowerCase().endsWith(suffix.toLowerCase()));
      const candidates = [ending, endingAnyCase, sameName].find((group) => group.length > 0);
      if (candidates === undefined) return null;
      return candidates.length === 1 ? (candidates[0] ?? null) : { candidates };
    },
  };
}

/** `a/../b` → `b`; steps above the top vanish. */
function resolveDots(path: string): string {
  const out: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') out.pop();
    else out.push(segment);
  }
  return out.join('/');
}
