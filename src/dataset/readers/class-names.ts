import { splitNamed, wordsOf } from '../split-names';

/** Words for pictures and how they are kept. A folder that is called by these alone is no class: `images`, `JPEGImages`, `raw data`. */
const storageWords = new Set(
  (
    'image images img imgs picture pictures pic pics photo photos jpeg jpegs jpg jpgs png pngs webp file files data dataset datasets set sets ' +
    'sample samples example examples raw original originals input inputs output outputs source sources media asset assets download downloads ' +
    'upload uploads export exports backup copy new old misc other others unsorted various all public static content folder dir tmp temp ' +
    'annotation annotations label labels caption captions metadata mask masks segmentation class classes object thumb thumbs thumbnail thumbnails ' +
    'dcim camera roll screenshots part parts batch batches chunk shard shards page pages frame frames video videos split splits reg regularization'
  ).split(' '),
);

/**
 * `10_golden-retriever` (kohya's repeats) or `001.Golden_retriever` → `golden retriever`; words keep their case otherwise. The number of a
 * copy is dropped (`Dog (1)`).
 */
export function classNameOf(folder: string): string {
  return folder
    .replace(/^\d+[._\s-]+(?=\D)/, '')
    .replace(/[_\s-]+/g, ' ')
    .replace(/ ?\(\d+\)$/, '')
    .trim();
}

/**
 * Turns folder names into class names where they are classes. Conservative, since a wrong caption is worse than none: names of splits, words
 * for storing pictures, numbers, ids and dates are no classes, nor are names that differ in their numbers alone (`part 1`, `part 2`). A word
 * for pictures that all names end in is left out (`Dog-samples`, `Cat-samples`). Digits are classes where each folder holds several pictures.
 * @param folders names of the folders that hold pictures, with the number of pictures in each
 * @returns class names by folder; empty when fewer than two are found
 */
export function classNames(folders: ReadonlyMap<string, number>): Map<string, string> {
  const labels = new Map<string, string>();
  for (const [folder, pictures] of folders) {
    const label = classNameOf(folder);
    if (isClassName(label) || (/^\d$/.test(label) && pictures > 1)) labels.set(folder, label);
  }
  if ([...labels.values()].every(endsInStorageWord)) {
    for (const [folder, label] of labels) labels.set(folder, label.slice(0, label.lastIndexOf(' ')));
  }
  const distinct = new Set(labels.values());
  const kinds = new Set([...distinct].map((label) => (/^\d$/.test(label) ? label : label.replace(/\d+/g, '').trim())));
  return kinds.size < 2 ? new Map<string, string>() : labels;
}

/** True for what can be the name of a class by itself. */
export function isClassName(label: string): boolean {
  if (splitNamed(label) !== null) return false;
  const letters = label.match(/\p{L}/gu)?.length ?? 0;
  const digits = label.match(/\p{N}/gu)?.length ?? 0;
  // n02124075, 3f2a1b40: made by a program.
  return letters > digits && !wordsOf(label).every((word) => storageWords.has(word) || /^\d+$/.test(word));
}

function endsInStorageWord(label: string): boolean {
  const words = wordsOf(label);
  return words.length > 1 && storageWords.has(words.at(-1) ?? '') && label.includes(' ');
}
