import { textsOf, type Columned } from '../../dataset/columns';
import { pictureOf } from '../../dataset/sample';
import { lessonsIn, type TaughtBy } from '../../dataset/taught';
import type { SampleRecord, Split } from '../../dataset/types';

/** What may be wrong with pictures of a dataset; of those that are excluded nothing else is said. */
export type IssueId = 'untaught' | 'repeated' | 'too-long' | 'tiny' | 'extreme' | 'excluded';

/** One kind of finding with the pictures it concerns. */
export interface Issue {
  readonly id: IssueId;
  readonly images: ReadonlySet<string>;
}

/** Longer than this many times the short side: a square crop loses most of the picture. */
const extremeAspect = 3;

/** What the recipe makes of a dataset, as far as findings depend on it. */
export interface Use {
  readonly dataset: Columned;
  /** What is taught of it. */
  readonly by: TaughtBy;
  /** Pictures and captions are compared with each other, so that equal captions matter. */
  readonly compares: boolean;
}

/**
 * Looks through a dataset.
 *
 * @param imageSize pixels a side that the model sees; pictures below half of it are called tiny. Null: unknown, none is.
 * @param tooLong pictures with a caption over the model's length; null while nobody has counted
 */
export function findIssues(
  all: readonly SampleRecord[],
  imageSize: number | null,
  tooLong: ReadonlySet<string> | null,
  { dataset, by, compares }: Use,
): readonly Issue[] {
  const images = all.filter(({ excluded }) => excluded !== true);
  const byCaption = new Map<string, SampleRecord[]>();
  for (const image of images) {
    for (const caption of new Set(image.captions.map(normalize))) {
      const sharing = byCaption.get(caption);
      if (sharing === undefined) byCaption.set(caption, [image]);
      else sharing.push(image);
    }
  }
  const repeated = new Set(
    [...byCaption.values()].filter(({ length }) => length > 1).flatMap((sharing) => sharing.map(({ id }) => id)),
  );
  const where = (test: (image: SampleRecord) => boolean): ReadonlySet<string> =>
    new Set(images.filter(test).map(({ id }) => id));
  return [
    { id: 'untaught', images: where((image) => lessonsIn(dataset, image, by) === 0) },
    { id: 'repeated', images: compares ? repeated : new Set() },
    { id: 'too-long', images: (by === 'captions' ? tooLong : null) ?? new Set() },
    {
      id: 'tiny',
      images: where(({ media: [{ width, height }] }) => imageSize !== null && Math.min(width, height) < imageSize / 2),
    },
    {
      id: 'extreme',
      images: where(
        ({ media: [{ width, height }] }) => Math.max(width, height) > extremeAspect * Math.min(width, height),
      ),
    },
    { id: 'excluded', images: new Set(all.filter(({ excluded }) => excluded === true).map(({ id }) => id)) },
  ];
}

function normalize(caption: string): string {
  return caption.trim().toLowerCase().replace(/\s+/g, ' ');
}

/** What the grid shows. */
export interface Filter {
  readonly query: string;
  readonly split: Split | 'all';
  readonly issue: IssueId | null;
  /** Pictures that were picked by what their columns hold; null: all. */
  readonly part: ReadonlySet<string> | null;
}

/** Pictures that pass the filter: every word of the query occurs in the captions, the path or the other columns. */
export function filterImages(
  images: readonly SampleRecord[],
  { query, split, issue, part }: Filter,
  issues: readonly Issue[],
): readonly SampleRecord[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const concerned = issue === null ? null : issues.find(({ id }) => id === issue)?.images;
  return images.filter((image) => {
    if (split !== 'all' && image.split !== split) return false;
    if (concerned?.has(image.id) === false || part?.has(image.id) === false) return false;
    if (words.length === 0) return true;
    const said = [...image.captions, pictureOf(image).path, ...Object.values(image.fields).flatMap(textsOf)];
    const text = said.join('\n').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
