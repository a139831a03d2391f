import type { SampleRecord } from '../dataset/types';
import type { Situation } from '../recipe/checks';
import type { Capabilities } from '../protocol/protocol';

/** How many captioned pictures each split has, and how many wait for a caption. */
export interface SplitCounts {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
  readonly withoutCaption: number;
  /** Pairs of a picture and a caption in the training split. */
  readonly trainPairs: number;
}

export function countSplits(images: readonly SampleRecord[]): SplitCounts {
  const counts = { train: 0, validation: 0, test: 0, withoutCaption: 0, trainPairs: 0 };
  for (const { split, captions } of images) {
    if (captions.length === 0) {
      counts.withoutCaption++;
    } else {
      counts[split]++;
      if (split === 'train') counts.trainPairs += captions.length;
    }
  }
  return counts;
}

/** What the machine is like, as far as a recipe's length depends on it. */
export function machineOf(capabilities: Pick<Capabilities, 'chosen' | 'softwareAdapter'> | null): Situation['machine'] {
  if (capabilities === null) return null;
  return { accelerated: capabilities.chosen.endsWith('webgpu') && !capabilities.softwareAdapter };
}
