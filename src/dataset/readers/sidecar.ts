import { reasonOf } from '../errors';
import { readWithin } from '../limits';
import { extensionOf, splitOfPath, withoutExtension } from '../paths';
import { decodeText } from '../text';
import { cleanCaptions, type Listing, type Picture, type Reader } from './reader';

const sidecarExtensions = ['txt', 'caption'];

/** Sidecar files of a picture, by its path without extension (letter case forgiven). */
function sidecarsByStem(listing: Listing): Map<string, string[]> {
  const sidecars = new Map<string, string[]>();
  for (const path of listing.others.keys()) {
    if (!sidecarExtensions.includes(extensionOf(path))) continue;
    // `cat.jpg.txt` is as common as `cat.txt`.
    const stems = [withoutExtension(path)];
    if (listing.images.has(withoutExtension(path))) stems.push(withoutExtension(withoutExtension(path)));
    const stem = stems[stems.length - 1]?.toLowerCase() ?? '';
    sidecars.set(stem, [...(sidecars.get(stem) ?? []), path]);
  }
  return sidecars;
}

/**
 * A caption file of the same name beside each picture (`cat.png`, `cat.txt`), as kohya's and other trainers' tools write. Each line that is not
 * empty is a caption. Pictures that share a name but for the extension share the caption.
 */
export const sidecarReader: Reader = {
  format: 'Pictures with caption files (.txt or .caption)',
  detect(listing) {
    const sidecars = sidecarsByStem(listing);
    return (
      sidecars.size > 0 && [...listing.images.keys()].some((path) => sidecars.has(withoutExtension(path).toLowerCase()))
    );
  },
  async read(listing, rejected, signal) {
    const sidecars = sidecarsByStem(listing);
    const captions = new Map<string, string[]>();
    const used = new Set<string>();
    const pictures: Picture[] = [];
    for (const [path, source] of listing.images) {
      signal?.throwIfAborted();
      const stem = withoutExtension(path).toLowerCase();
      let lines = captions.get(stem);
      if (lines === undefined) {
        lines = [];
        for (const sidecar of sidecars.get(stem) ?? []) {
          used.add(sidecar);
          try {
            const file = listing.others.get(sidecar);
            if (file === undefined) continue;
            const text = decodeText(await readWithin(file, 'captions'), sidecar);
            lines = lines.concat(text.split(/\r\n|\r|\n/));
          } catch (error) {
            rejected.push({ path: sidecar, reason: reasonOf(error) });
          }
        }
        captions.set(stem, lines);
      }
      pictures.push({ source, captions: cleanCaptions(lines), split: splitOfPath(path) });
    }
    return { pictures, rejected: [], used };
  },
};
