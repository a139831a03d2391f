import { ModelError } from './errors';

/** @throws ModelError `invalid` where the bytes are no JSON in UTF-8 */
export function parseJsonFile(bytes: Uint8Array, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (cause) {
    throw new ModelError('invalid', `${name} is no JSON file. Download it again.`, { file: name, cause });
  }
}
