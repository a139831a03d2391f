import { ModelError } from './errors';
import { servedFiles, type ModelFiles, type ReadOptions } from './files';

export const defaultHub = 'https://huggingface.co';

/**
 * The files of a model on a hub with the Hugging Face layout, `{base}/{id}/resolve/main/{file}`.
 *
 * @throws ModelError `invalid` when the address or the id cannot be one
 */
export function hubFiles(base: string, id: string, options: ReadOptions = {}): ModelFiles {
  if (!/^[\w-][\w.-]*(\/[\w-][\w.-]*)?$/.test(id)) {
    throw new ModelError(
      'invalid',
      `"${id}" is no model name. Write it as owner/name, e.g. openai/clip-vit-base-patch32.`,
    );
  }
  return servedFiles(`${hubAddress(base)}/${id}/resolve/main`, options);
}

/** A hub's address without a slash at its end. */
function hubAddress(base: string): string {
  const url = URL.canParse(base) ? new URL(base) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new ModelError('invalid', `"${base}" is no web address. Write it as https://host.`);
  }
  return (url.origin + url.pathname).replace(/\/+$/, '');
}
