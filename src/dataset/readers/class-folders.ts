import { baseName, commonDirectory, directoryOf, splitNamed, splitOfPath } from '../paths';
import type { Listing, Picture, Reader } from './reader';

/**
 * One folder a class (`cat/1.jpg`, also below split folders: `train/cat/1.jpg`); the caption is made of the folder's name. Pictures outside any
 * class folder are kept without a caption.
 */
export const classFolderReader: Reader = {
  format: 'One folder a class',
  detect: (listing) => new Set(labels(listing).values()).size >= 2,
  read(listing) {
    const found = labels(listing);
    const pictures = [...listing.images].map(([path, source]): Picture => {
      const label = found.get(path);
      return { source, captions: label === undefined ? [] : [`a photo of a ${label}`], split: splitOfPath(path) };
    });
    return Promise.resolve({ pictures, rejected: [], used: new Set<string>() });
  },
};

/** Class names by picture path; pictures at the top or directly in a split folder have none. */
function labels(listing: Listing): Map<string, string> {
  const top = commonDirectory([...listing.images.keys()]);
  const found = new Map<string, string>();
  for (const path of listing.images.keys()) {
    const directory = directoryOf(path);
    const folder = baseName(directory);
    if (directory === top || splitNamed(folder) !== null) continue;
    const label = labelOf(folder);
    if (label !== '') found.set(path, label);
  }
  return found;
}

/** `10_golden-retriever` (kohya's repeats) or `001.Golden_retriever` → `golden retriever`; words keep their case otherwise. */
function labelOf(folder: string): string {
  return folder
    .replace(/^\d+[._\s-]+(?=\D)/, '')
    .replace(/[_\s-]+/g, ' ')
    .trim();
}
