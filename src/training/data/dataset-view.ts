import type { Dataset, SampleRecord, Split } from '../../dataset/types';
import { captionKey } from '../../dataset/caption-groups';
import { readRecords } from './dataset-records';
import { StudioError } from '../../protocol/errors';
import type { PairKeys } from './sampler';
import { sha256 } from '../sha256';

/** A dataset as training sees it: pictures that have captions, and each distinct caption once. */
export interface DatasetView {
  readonly dataset: Dataset;
  /** SHA-256 over the sorted picture hashes with captions and splits: equal exactly where training would see the same data. */
  readonly fingerprint: string;
  /**
   * By content hash, whatever their order in the dataset: batches, views and probes are drawn by place, so that equal data (an equal fingerprint)
   * makes an equal run.
   */
  readonly images: readonly SampleRecord[];
  /** Captions that differ by more than case and white space, as first written. */
  readonly captions: readonly string[];
  /** Per image, indices of its captions. Never empty. */
  readonly captionsOf: readonly (readonly number[])[];
}

/** A picture with one of its captions, as indices into the view. */
export interface Pair {
  readonly image: number;
  readonly caption: number;
}

/** @throws DatasetError `not-found`; StudioError `too-few` when no picture has a caption */
export async function loadDatasetView(datasetId: string): Promise<DatasetView> {
  const { dataset, items } = await readRecords(datasetId);
  let view = views.get(items);
  if (view === undefined) {
    view = datasetView(dataset, items);
    views.set(items, view);
  }
  return { ...(await view), dataset };
}

/** Views of records that are still around. */
const views = new WeakMap<readonly SampleRecord[], Promise<DatasetView>>();

export async function datasetView(dataset: Dataset, records: readonly SampleRecord[]): Promise<DatasetView> {
  const images = records
    .filter(({ captions }) => captions.length > 0)
    .sort((a, b) => (a.hash < b.hash ? -1 : Number(a.hash > b.hash)));
  if (images.length === 0) {
    throw new StudioError(
      'too-few',
      `No picture of "${dataset.name}" has a caption. Write captions on the Data page first.`,
    );
  }
  const indexOf = new Map<string, number>();
  const captions: string[] = [];
  const captionsOf = images.map((image) => {
    const own = image.captions.map((caption) => {
      const key = captionKey(caption);
      const known = indexOf.get(key);
      if (known !== undefined) return known;
      indexOf.set(key, captions.length);
      return captions.push(caption) - 1;
    });
    return [...new Set(own)];
  });
  return { dataset, fingerprint: await fingerprintOf(images), images, captions, captionsOf };
}

/** Indices of a split's pictures. */
export function imagesOf(view: DatasetView, split: Split): readonly number[] {
  return view.images.flatMap((image, index) => (image.split === split ? [index] : []));
}

/** What is in which split, by content hash. */
export function splitsOf(view: DatasetView): Record<Split, string[]> {
  const hashes = (split: Split): string[] => imagesOf(view, split).map((image) => view.images[image]?.hash ?? '');
  return { train: hashes('train'), validation: hashes('validation'), test: hashes('test') };
}

/** One pair for each caption of each given picture. */
export function pairsOf(view: DatasetView, images: readonly number[]): readonly Pair[] {
  return images.flatMap((image) => (view.captionsOf[image] ?? []).map((caption) => ({ image, caption })));
}

export function pairKeys({ image, caption }: Pair): PairKeys {
  return { imageKey: image, textKey: caption };
}

function fingerprintOf(images: readonly SampleRecord[]): Promise<string> {
  const lines = images.map(({ hash, split, captions }) => JSON.stringify([hash, split, captions])).sort();
  return sha256(lines.join('\n'));
}
