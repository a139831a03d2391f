import { baseName, directoryOf } from '../paths';
import { labelOf } from './class-names';
import type { Description, NameReader, Target } from './reader';

/**
 * kohya's folders, `10_sks dog`: a number of repeats and the class tokens, which are the caption of pictures without a caption file. Read only
 * where all pictures lie in such folders and some have caption files, as in a set with regularisation pictures.
 */
export const classTokenReader: NameReader = {
  read(listing, bare) {
    if (listing.pairs.texts.size === 0 || bare.length === listing.images.size) return null;
    const folders = [...listing.images.values()].map(({ path }) => baseName(directoryOf(path)));
    if (!folders.every((folder) => /^\d+_\D/.test(folder))) return null;
    const described = new Map<Target, Description>();
    for (const target of bare) {
      described.set(target, { captions: [labelOf(baseName(directoryOf(target.path)))], split: null });
    }
    return {
      format: "kohya's folders",
      name: 'the folder names',
      described,
      note: `Pictures without a caption file took the class tokens of their folder as the caption (${described.size.toLocaleString('en')} pictures), as in kohya's trainers.`,
    };
  },
};
