import { ModelError } from './errors';
import { servedFiles, type ModelFiles, type ReadOptions } from './files';

/** Models on hubs: their ids, their pages and their files. Only an id of the known form becomes part of an address. */

export const defaultHub = 'https://huggingface.co';

/** A model on a hub, at one of its revisions. */
export interface HubModel {
  /** `owner/name`, or a bare name. */
  readonly name: string;
  /** A branch, tag, commit or pull request (`refs/pr/15`); `main` unless said. */
  readonly revision: string;
}

/** Parts of letters, digits, `_`, `-` and, but at their beginning, `.`: one or two with a slash between, and a revision of any number. */
const pattern = /^([\w-][\w.-]*(?:\/[\w-][\w.-]*)?)(?:@([\w-][\w.-]*(?:\/[\w-][\w.-]*)*))?$/;

/** Takes `owner/name` or `owner/name@revision` apart; null where it is neither. */
export function parseHubId(id: string): HubModel | null {
  const [, name, revision = 'main'] = pattern.exec(id) ?? [];
  return name === undefined ? null : { name, revision };
}

/**
 * The id of a model, from what people paste: an id, or the address of the model's page or of one of its files.
 *
 * @returns the text as it is, where it is no address
 */
export function hubIdOf(text: string): string {
  const trimmed = text.trim().replace(/^https?:\/\/[^/]+\//, '');
  const [, name = trimmed, revision = 'main'] =
    /^(.*?)\/(?:tree|resolve|blob|raw)\/([^/]+)(?:\/.*)?$/.exec(trimmed) ?? [];
  const plain = name.replace(/(?<!\/)\/+$/, '');
  return revision === 'main' ? plain : `${plain}@${unescaped(revision)}`;
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * The files of a model on a hub with the Hugging Face layout, `{base}/{name}/resolve/{revision}/{file}`.
 *
 * @param id `owner/name`, or `owner/name@revision`
 * @throws ModelError `invalid` when the address or the id cannot be one
 */
export function hubFiles(base: string, id: string, options: ReadOptions = {}): ModelFiles {
  const model = parseHubId(id);
  if (model === null) {
    throw new ModelError(
      'invalid',
      `"${id}" is no model name. Write it as owner/name, e.g. openai/clip-vit-large-patch14, or as owner/name@revision.`,
    );
  }
  // The slashes of a revision such as refs/pr/15 are part of its name, and no folders.
  return servedFiles(`${hubAddress(base)}/${model.name}/resolve/${encodeURIComponent(model.revision)}`, options);
}

/**
 * A hub's address without a slash at its end.
 * @throws ModelError `invalid` when it is none
 */
export function hubAddress(base: string): string {
  const url = URL.canParse(base) ? new URL(base) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new ModelError('invalid', `"${base}" is no web address. Write it as https://host.`);
  }
  return (url.origin + url.pathname).replace(/(?<!\/)\/+$/, '');
}
