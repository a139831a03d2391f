/** A dropped path with forward slashes, without `./`, doubled or leading slashes. Names keep their characters otherwise. */
export function normalizePath(path: string): string {
  return path
    .replaceAll('\\', '/')
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.')
    .join('/');
}

/** True for names in an archive that climb with `..`. */
export function climbs(name: string): boolean {
  return name.split(/[/\\]/).includes('..');
}

/** An absolute name or one with a drive letter, as old programs write, means a place below the archive: `C:/set/a.jpg` → `/set/a.jpg`. */
export function withoutRoot(name: string): string {
  return name.replace(/^[a-z]:(?=[/\\])/i, '');
}

/** Folder of a path, `''` for the top. */
export function directoryOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Extension in lower case without the dot; `''` when there is none. */
export function extensionOf(path: string): string {
  const name = baseName(path);
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? '' : name.slice(dot + 1).toLowerCase();
}

/** Path without its extension. */
export function withoutExtension(path: string): string {
  const extension = extensionOf(path);
  return extension === '' ? path : path.slice(0, -extension.length - 1);
}

export function joinPath(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`;
}

/** Deepest folder that holds all paths, `''` when there is none. */
export function commonDirectory(paths: readonly string[]): string {
  const [first, ...rest] = paths;
  if (first === undefined) return '';
  let shared = directoryOf(first).split('/').filter(Boolean);
  for (const path of rest) {
    const segments = directoryOf(path).split('/');
    let same = 0;
    while (same < shared.length && shared[same] === segments[same]) same += 1;
    shared = shared.slice(0, same);
  }
  return shared.join('/');
}

const hiddenNames = new Set(['__macosx', 'thumbs.db', 'ehthumbs.db', 'desktop.ini', '@eadir', '$recycle.bin']);

/**
 * The part of a path that marks it as made by the operating system or a file manager (`__MACOSX`, `._cat.jpg`, `.git`, `Thumbs.db`,
 * thumbnail folders), up to and including that part; null for an ordinary file.
 */
export function hiddenPart(path: string): string | null {
  const segments = path.split('/');
  const hidden = segments.findIndex((segment) => segment.startsWith('.') || hiddenNames.has(segment.toLowerCase()));
  return hidden < 0 ? null : segments.slice(0, hidden + 1).join('/');
}

/** Files about a dataset rather than of it, which nobody expects to be taken; `_stats.json` is how img2dataset reports on a shard. */
export function isDocumentation(path: string): boolean {
  const name = baseName(path);
  return (
    /^(readme|licen[cs]e|copying|notice|credits)(\.(md|txt|rst))?$/i.test(name) ||
    /(^dataset_infos?|_stats)\.json$/i.test(name)
  );
}
