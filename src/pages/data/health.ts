import { pictureOf } from '../../dataset/sample';
import type { SampleRecord, Split } from '../../dataset/types';

/** What may be wrong with pictures of a dataset; of those that are excluded nothing else is said. */
export type IssueId = 'no-caption' | 'repeated' | 'too-long' | 'tiny' | 'extreme' | 'excluded';

/** One kind of finding with the pictures it concerns. */
export interface Issue {
  readonly id: IssueId;
  readonly images: ReadonlySet<string>;
}

/** Longer than this many times the short side: a square crop loses most of the picture. */
const extremeAspect = 3;

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
    { id: 'no-caption', images: where(({ captions }) => captions.length === 0) },
    { id: 'repeated', images: repeated },
    { id: 'too-long', images: tooLong ?? new Set() },
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
}

/** Pictures that pass the filter: every word of the query occurs in the captions or the path. */
export function filterImages(
  images: readonly SampleRecord[],
  { query, split, issue }: Filter,
  issues: readonly Issue[],
): readonly SampleRecord[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const concerned = issue === null ? null : issues.find(({ id }) => id === issue)?.images;
  return images.filter((image) => {
    if (split !== 'all' && image.split !== split) return false;
    if (concerned?.has(image.id) === false) return false;
    if (words.length === 0) return true;
    const text = `${image.captions.join('\n')}\n${pictureOf(image).path}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
