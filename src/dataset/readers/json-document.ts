import { DatasetError } from '../errors';
import { readWithin } from '../limits';
import type { SourceFile } from '../source';
import { decodeText } from '../text';
import { readJsonSequence } from './json-lines';

/**
 * The document of a JSON file; of one that holds several, one behind the other, a list of them.
 * @throws DatasetError `unreadable`
 */
export async function readJson(file: SourceFile): Promise<unknown> {
  return parseJson(decodeText(await readWithin(file, 'table'), file.path), file.path);
}

/** @throws DatasetError `unreadable` */
export function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const values = readJsonSequence(text);
    if (values !== null) return values;
    throw new DatasetError('unreadable', `${path} is not JSON: it is damaged or cut short. Export it again.`, {
      cause: error,
    });
  }
}
