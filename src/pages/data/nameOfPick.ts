/** A name for picked files: that of the folder that all share, or of the one zip; else the fallback. */
export function nameOfPick(files: readonly { readonly path: string }[], fallback: string): string {
  const tops = new Set(files.map(({ path }) => path.split('/')[0] ?? path));
  const [top] = tops;
  if (tops.size !== 1 || top === undefined) return fallback;
  const isFile = files.length === 1 && files[0]?.path === top;
  if (isFile && !/\.zip$/i.test(top)) return fallback;
  const name = top.replace(/\.zip$/i, '');
  return name.replace(/[-_]+/g, ' ').trim() || fallback;
}
