import { marksForeign, marksWhole } from '../../model/foreign';
import { indexFile, weightsFile } from '../../model/files';
import type { ModelFile } from '../../protocol/models';

/**
 * The files of the one model in what was picked: those in the folder that holds `config.json`, without their path. A folder that is known to be
 * something else is passed on as well, as opening it tells what it is.
 *
 * @returns a sentence for the user where there is none, or more than one
 */
export function modelFilesOf(
  files: readonly Picked[],
): { readonly name: string; readonly files: readonly ModelFile[] } | string {
  const configs = highest(files.filter(({ path }) => nameOf(path) === 'config.json'));
  const [config] = configs;
  const [foreign] = highest(files.filter(({ path }) => marksForeign(nameOf(path))));
  if (config === undefined && foreign === undefined) {
    return 'There is no config.json in it. Choose the folder that holds config.json and model.safetensors.';
  }
  const whole = config && wholeAround(files, config, configs.length);
  if (whole === undefined && configs.length > 1) {
    const paths = configs.slice(0, 3).map(({ path }) => path);
    return `There are ${configs.length} models in it (${paths.join(', ')}). Choose the folder of one.`;
  }
  const chosen = whole ?? config ?? foreign;
  const path = chosen?.path ?? '';
  const folder = path.slice(0, path.length - nameOf(path).length);
  const below = files.filter((each) => each.path.startsWith(folder));
  const own = below.filter((each) => !each.path.slice(folder.length).includes('/'));
  const hasWeights = own.some((each) => [weightsFile, indexFile].includes(nameOf(each.path)));
  // Models for other programs often keep their weights one folder further down.
  const elsewhere = hasWeights ? [] : below.filter((each) => !own.includes(each) && marksForeign(nameOf(each.path)));
  return {
    name: folder.split('/').at(-2) ?? 'my-model',
    files: [...own, ...elsewhere].map((each) => ({ name: nameOf(each.path), file: each.file })),
  };
}

interface Picked {
  readonly path: string;
  readonly file: Blob;
}

/** A model's own files lie highest; nested ones belong to parts that other programs use. */
function highest(files: readonly Picked[]): readonly Picked[] {
  const top = Math.min(...files.map(({ path }) => depthOf(path)));
  return files.filter(({ path }) => depthOf(path) === top);
}

/**
 * The file above a configuration which tells that it belongs to a part of something larger. The one model in a folder of sentence-transformers can
 * be opened by itself.
 */
function wholeAround(files: readonly Picked[], config: Picked, configs: number): Picked | undefined {
  const [mark] = highest(files.filter(({ path }) => marksWhole(nameOf(path)) && depthOf(path) < depthOf(config.path)));
  const isAlone =
    configs === 1 && mark !== undefined && /^(modules|config_sentence_transformers)\.json$/.test(nameOf(mark.path));
  return isAlone ? undefined : mark;
}

function depthOf(path: string): number {
  return path.split('/').length;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
