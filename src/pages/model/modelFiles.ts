import type { ModelFile } from '../../training/protocol';

/**
 * The files of the one model in what was picked: those in the folder that holds `config.json`, without their path.
 *
 * @returns a sentence for the user where there is none, or more than one
 */
export function modelFilesOf(
  files: readonly { readonly path: string; readonly file: Blob }[],
): { readonly name: string; readonly files: readonly ModelFile[] } | string {
  const configs = files.filter(({ path }) => /(^|\/)config\.json$/.test(path)).map(({ path }) => path);
  // A model's own config lies highest; nested ones belong to parts that other programs use.
  const depth = (path: string): number => path.split('/').length;
  const top = Math.min(...configs.map(depth));
  const candidates = configs.filter((path) => depth(path) === top);
  const [config] = candidates;
  if (config === undefined) {
    return 'There is no config.json in it. Choose the folder that holds config.json and model.safetensors.';
  }
  if (candidates.length > 1) {
    return `There are ${candidates.length} models in it (${candidates.slice(0, 3).join(', ')}). Choose the folder of one.`;
  }
  const folder = config.slice(0, -'config.json'.length);
  const own = files.filter(({ path }) => path.startsWith(folder) && !path.slice(folder.length).includes('/'));
  return {
    name: folder.split('/').at(-2) ?? 'my-model',
    files: own.map(({ path, file }) => ({ name: path.slice(folder.length), file })),
  };
}
