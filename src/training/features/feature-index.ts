import type { SampleRecord } from '../../dataset/types';
import { yieldToMessages } from '../device-lock';
import type { UseEncoder } from './encoder-pool';
import { throwIfCancelled } from '../../protocol/errors';
import type { PixelReader } from './samples';

/**
 * Features that are computed once and found again, by the content of pictures and the text of captions. An index belongs to one set of weights,
 * since rows do not say which they are of.
 */

export interface FeatureOptions {
  readonly signal?: AbortSignal;
  /** Samples done of those that had to be computed. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Features of pictures (by content) and captions (by text) under one set of weights, each computed once. A changed dataset costs only what
 * changed.
 */
export class FeatureIndex {
  private readonly ofImage = new Map<string, Float32Array>();
  private readonly ofCaption = new Map<string, Float32Array>();
  private scale: number | null = null;

  /** @param width that of the shared space; 0 for a model without one, which has no features to keep */
  constructor(readonly width: number) {}

  /** `[images, width]`. */
  async images(
    records: readonly SampleRecord[],
    borrow: UseEncoder,
    pixels: PixelReader,
    options: FeatureOptions = {},
  ): Promise<Float32Array> {
    const missing = records.filter(({ hash }) => !this.ofImage.has(hash));
    if (missing.length > 0) {
      const record = (index: number): SampleRecord => missing[index] as SampleRecord;
      const features = await borrow((encoder) =>
        encoder.images(missing.length, (index) => pixels.pixels(record(index)), between(missing.length, options)),
      );
      missing.forEach(({ hash }, index) => this.ofImage.set(hash, this.row(features, index)));
    }
    return this.gather(records.map(({ hash }) => this.ofImage.get(hash)));
  }

  /** `[captions, width]`. */
  async captions(captions: readonly string[], borrow: UseEncoder, options: FeatureOptions = {}): Promise<Float32Array> {
    const missing = [...new Set(captions.filter((caption) => !this.ofCaption.has(caption)))];
    if (missing.length > 0) {
      const features = await borrow((encoder) => encoder.texts(missing, between(missing.length, options)));
      missing.forEach((caption, index) => this.ofCaption.set(caption, this.row(features, index)));
    }
    return this.gather(captions.map((caption) => this.ofCaption.get(caption)));
  }

  /** Natural logarithm of the scale that similarities are multiplied by. */
  async logLogitScale(borrow: UseEncoder): Promise<number> {
    this.scale ??= await borrow((encoder) => encoder.logLogitScale());
    return this.scale;
  }

  private row(features: Float32Array, index: number): Float32Array {
    return features.slice(index * this.width, (index + 1) * this.width);
  }

  private gather(rows: readonly (Float32Array | undefined)[]): Float32Array {
    const result = new Float32Array(rows.length * this.width);
    rows.forEach((row, index) => result.set(row ?? [], index * this.width));
    return result;
  }
}

function between(total: number, { signal, onProgress }: FeatureOptions): (done: number) => Promise<void> {
  return async (done) => {
    onProgress?.(done, total);
    await yieldToMessages();
    throwIfCancelled(signal);
  };
}
