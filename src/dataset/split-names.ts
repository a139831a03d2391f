import { baseName, directoryOf, withoutExtension } from './paths';
import type { Split } from './types';

/** The usual spellings, as Hugging Face Datasets reads them, and the `restval` of Karpathy's COCO split, which is trained on. */
const splitWords = new Map<string, Split>([
  ['train', 'train'],
  ['training', 'train'],
  ['trainset', 'train'],
  ['restval', 'train'],
  ['val', 'validation'],
  ['valid', 'validation'],
  ['validation', 'validation'],
  ['valset', 'validation'],
  ['dev', 'validation'],
  ['test', 'test'],
  ['testing', 'test'],
  ['testset', 'test'],
  ['eval', 'test'],
  ['evaluation', 'test'],
]);

/** Words that may stand beside the split in a folder's name without making it a class: `train_images`, `train-00000-of-00002`. */
const companions = new Set([
  'of',
  'data',
  'dataset',
  'set',
  'split',
  'image',
  'images',
  'img',
  'imgs',
  'pics',
  'pictures',
]);

/** Words of a name in lower case: `trainImages_2017` → train, images, 2017. */
export function wordsOf(name: string): string[] {
  return name
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{L})(?=\p{N})|(\p{N})(?=\p{L})/gu, '$1$2 ')
    .toLowerCase()
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter((word) => word !== '');
}

/** The split that a folder or a cell of a `split` column names: `train`, `val2017`, `test_images`. */
export function splitNamed(name: string): Split | null {
  // Spares most folders of a large import the closer look.
  if (!/train|val|dev|test/i.test(name)) return null;
  let found: Split | null = null;
  for (const word of wordsOf(name)) {
    const split = splitWords.get(word);
    if (split !== undefined) {
      if (found !== null) return null;
      found = split;
    } else if (!companions.has(word) && !/^\d+$/.test(word)) return null;
  }
  return found;
}

/** The split that the nearest of a path's folders names. */
export function splitOfPath(path: string): Split | null {
  for (const segment of directoryOf(path).split('/').reverse()) {
    const split = splitNamed(segment);
    if (split !== null) return split;
  }
  return null;
}

/** The split that a table's own name holds among other words: `captions_train2017.json`, `Flickr_8k.testImages.txt`. Null for none or several. */
export function splitOfTable(path: string): Split | null {
  const named = wordsOf(withoutExtension(baseName(path))).flatMap((word) => splitWords.get(word) ?? []);
  return new Set(named).size === 1 ? (named[0] ?? null) : null;
}
