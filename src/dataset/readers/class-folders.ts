import { baseName, commonDirectory, directoryOf, extensionOf, isDocumentation } from '../paths';
import { splitNamed } from '../split-names';
import { classNames } from './class-names';
import { captionOfClass, isAboutCaptions, type NameReader, type Statement } from './reader';
import { isCaptionFile } from './pairing';

/**
 * One folder a class (`cat/1.jpg`, also below split folders: `train/cat/1.jpg`); the caption is made of the folder's name. Only where nothing
 * else could hold captions: with any caption, caption file beside the pictures or JSON file, folder names are just names. Pictures outside any
 * class folder are kept without a caption.
 */
export const classFolderReader: NameReader = {
  read(listing, bare, sources, findings) {
    if (bare.length < listing.images.size || sources.some(isAboutCaptions)) return null;
    const top = commonDirectory(bare.map(({ path }) => path));
    const folderOf = (path: string): string | null => {
      const directory = directoryOf(path);
      const folder = baseName(directory);
      return directory === top || splitNamed(folder) !== null ? null : folder;
    };
    const sizes = new Map<string, number>();
    for (const { path } of bare) {
      const folder = folderOf(path);
      if (folder !== null) sizes.set(folder, (sizes.get(folder) ?? 0) + 1);
    }
    const labels = classNames(sizes);
    if (labels.size === 0) return null;
    const folders = new Set(bare.map(({ path }) => directoryOf(path)));
    for (const path of listing.others.keys()) {
      if (isDocumentation(path)) continue;
      if (extensionOf(path) !== 'json' && !(isCaptionFile(path) && folders.has(directoryOf(path)))) continue;
      findings.notes.push(
        `The folder names (${listed(labels)}) were not taken for captions, since ${path} may hold them. If it does not, add the pictures without it.`,
      );
      return null;
    }
    const statements: Statement[] = [];
    for (const target of bare) {
      const label = labels.get(folderOf(target.path) ?? '');
      if (label !== undefined) statements.push({ target, captions: [captionOfClass(label)], split: null });
    }
    return {
      format: classFolderFormat,
      name: 'the folder names',
      columns: [],
      statements: [statements],
      note: `The folder names became captions, such as "${captionOfClass([...labels.values()][0] ?? '')}": ${listed(labels)}. If they are no classes, delete the dataset and add the pictures without their folders.`,
    };
  },
};

export const classFolderFormat = 'One folder per class';

/** So many classes are named in the report. */
const namedClasses = 12;

/** `Dog, Cat – 2 classes`. */
function listed(labels: ReadonlyMap<string, string>): string {
  const classes = [...new Set(labels.values())];
  const more = classes.length > namedClasses ? ', …' : '';
  return `${classes.slice(0, namedClasses).join(', ')}${more} – ${classes.length} classes`;
}
