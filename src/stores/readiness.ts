import { captionKey } from '../dataset/caption-groups';
import { labelsOf } from '../dataset/columns';
import { lessonsIn, type TaughtBy } from '../dataset/taught';
import type { Dataset, SampleRecord } from '../dataset/types';
import type { Situation } from '../recipe/checks';
import type { Capabilities } from '../protocol/machine';

/** How many pictures that take part each split has, and how many wait for a caption, or for what else is taught. */
export interface SplitCounts {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
  readonly withoutCaption: number;
  /** What there is to learn of the training split: pairs of a picture and a caption, questions with an answer, or labelled pictures. */
  readonly trainPairs: number;
  /** Classes of the labels; null where something else is taught. */
  readonly classes: number | null;
  /** True where all captions of the training split say the same; false where something else is taught. */
  readonly captionsAlike: boolean;
}

/** @param by what is taught of the dataset */
export function countSplits(
  images: readonly SampleRecord[],
  dataset: Pick<Dataset, 'columns'> | null,
  by: TaughtBy,
): SplitCounts {
  const counts = { train: 0, validation: 0, test: 0, withoutCaption: 0, trainPairs: 0 };
  const classes = new Set<string>();
  let first: string | null = null;
  let differ = false;
  for (const image of images) {
    if (image.excluded === true) continue;
    const { split } = image;
    const lessons = dataset === null ? 0 : lessonsIn(dataset, image, by);
    if (dataset !== null && by === 'labels')
      for (const label of labelsOf(dataset, image)) classes.add(captionKey(label));
    if (lessons === 0) {
      counts.withoutCaption++;
    } else {
      counts[split]++;
      if (split !== 'train') continue;
      counts.trainPairs += lessons;
      if (differ || by !== 'captions') continue;
      const keys = image.captions.map(captionKey);
      first ??= keys[0] ?? null;
      differ = keys.some((key) => key !== first);
    }
  }
  return {
    ...counts,
    classes: by === 'labels' ? classes.size : null,
    captionsAlike: first !== null && !differ,
  };
}

/** What the machine is like, as far as a recipe's length depends on it. */
export function machineOf(capabilities: Pick<Capabilities, 'chosen' | 'softwareAdapter'> | null): Situation['machine'] {
  if (capabilities === null) return null;
  return { accelerated: capabilities.chosen.endsWith('webgpu') && !capabilities.softwareAdapter };
}
