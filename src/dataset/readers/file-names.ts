import { baseName, withoutExtension } from '../paths';
import { isAboutCaptions, type NameReader, type Statement } from './reader';

/** Fewest words of a file name that reads like a caption. */
const leastWords = 3;

/**
 * File names that are captions: `a red shoe on a table.jpg`. Only where all pictures are named so: words with spaces or underscores between
 * them, at least three of them without digits, and not all the same words with other numbers (`WhatsApp Image 2024-01-05 at 10.11`).
 */
export const fileNameReader: NameReader = {
  read(listing, bare, sources) {
    if (bare.length < listing.images.size || sources.some(isAboutCaptions)) return null;
    const statements: Statement[] = [];
    const kinds = new Set<string>();
    for (const target of bare) {
      const caption = withoutExtension(baseName(target.path))
        .replace(/[\s_]+/g, ' ')
        .replace(/ ?\(\d+\)$/, '')
        .trim();
      const words = caption.split(' ').filter((word) => /^[\p{L}\p{M}'’,.-]+$/u.test(word));
      if (words.length < leastWords) return null;
      kinds.add(words.join(' ').toLowerCase());
      statements.push({ target, captions: [caption], split: null });
    }
    if (kinds.size < 2 || kinds.size * 2 < statements.length) return null;
    const [example] = statements;
    return {
      format: 'Pictures named by their captions',
      name: 'the file names',
      columns: [],
      statements: [statements],
      note: `The file names became captions, as in "${example?.captions[0] ?? ''}". If they are just names, delete these captions.`,
    };
  },
};
