import { baseName, directoryOf } from '../paths';
import { classNameOf } from './class-names';
import type { NameReader, Statement } from './reader';

/**
 * kohya's folders, `10_sks dog`: a number of repeats and the class tokens, which are the caption of pictures without a caption file. Read only
 * where all pictures lie in such folders and some have caption files, as in a set with regularisation pictures.
 */
export const classTokenReader: NameReader = {
  read(listing, bare) {
    if (listing.pairs.texts.size === 0 || bare.length === listing.images.size) return null;
    const folders = [...listing.images.values()].map(({ path }) => baseName(directoryOf(path)));
    if (!folders.every((folder) => /^\d+_\D/.test(folder))) return null;
    const statements: Statement[] = [];
    for (const target of bare) {
      statements.push({ target, captions: [classNameOf(baseName(directoryOf(target.path)))], split: null });
    }
    return {
      format: "kohya's folders",
      name: 'the folder names',
      columns: [],
      statements: [statements],
      note: `Pictures without a caption file took the class tokens of their folder as the caption (${statements.length.toLocaleString('en')} pictures), as in kohya's trainers.`,
    };
  },
};
