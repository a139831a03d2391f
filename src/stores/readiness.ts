import { captionKey } from '../dataset/caption-groups';
import { labelOf } from '../dataset/columns';
import type { Dataset, SampleRecord } from '../dataset/types';
import type { Situation } from '../recipe/checks';
import type { Capabilities } from '../protocol/protocol';

/** How many pictures that take part each split has, and how many wait for a caption, or for a label where that is what counts. */
export interface SplitCounts {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
  readonly withoutCaption: number;
  /** Samples of the training split: pairs of a picture and a caption, or labelled pictures. */
  readonly trainPairs: number;
  /** Classes of the labels; null where captions count. */
  readonly classes: number | null;
}

/** @param labelled the dataset, where its labels count; null where captions do */
export function countSplits(images: readonly SampleRecord[], labelled: Dataset | null = null): SplitCounts {
  const counts = { train: 0, validation: 0, test: 0, withoutCaption: 0, trainPairs: 0 };
  const classes = new Set<string>();
  for (const image of images) {
    if (image.excluded === true) continue;
    const { split } = image;
    const label = labelled === null ? null : labelOf(labelled, image)?.trim();
    const captions = labelled === null ? image.captions : label ? [captionKey(label)] : [];
    if (labelled !== null) for (const key of captions) classes.add(key);
    if (captions.length === 0) {
      counts.withoutCaption++;
    } else {
      counts[split]++;
      if (split === 'train') counts.trainPairs += captions.length;
    }
  }
  return { ...counts, classes: labelled === null ? null : classes.size };
}

/** What the machine is like, as far as a recipe's length depends on it. */
export function machineOf(capabilities: Pick<Capabilities, 'chosen' | 'softwareAdapter'> | null): Situation['machine'] {
  if (capabilities === null) return null;
  return { accelerated: capabilities.chosen.endsWith('webgpu') && !capabilities.softwareAdapter };
}
