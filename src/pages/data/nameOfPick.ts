/** A name for picked files: the folder or the file that all share, without its ending; else the fallback. */
export function nameOfPick(files: readonly { readonly path: string }[], fallback: string): string {
  const tops = new Set(files.map(({ path }) => path.split('/')[0] ?? path));
  const [top] = tops;
  if (tops.size !== 1 || top === undefined) return fallback;
  const isFile = files.length === 1 && files[0]?.path === top;
  const name = isFile ? top.replace(/\.[^.]+$/, '') : top;
  return name.replace(/[-_]+/g, ' ').trim() || fallback;
}
