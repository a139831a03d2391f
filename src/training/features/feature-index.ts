import type { SampleRecord } from '../../dataset/types';
import { yieldToMessages } from '../device-lock';
import type { Encoder } from './encoder';
import type { UseEncoder } from './encoder-pool';
import { throwIfCancelled } from '../../protocol/errors';
import type { PixelReader } from './samples';

/**
 * Features that are computed once and found again, by the content of pictures and the text of captions. An index belongs to one set of weights,
 * since rows do not say which they are of.
 */

/** Samples that are computed at a stretch: four full batches, so that little is lost when the work is cancelled. */
const stretch = 128;

export interface FeatureOptions {
  readonly signal?: AbortSignal;
  /** Samples done of those that had to be computed. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Features of pictures (by content) and captions (by text) under one set of weights, each computed once. A changed dataset costs only what
 * changed. Whoever asks while others compute shares their work: a search that is typed while the pictures are encoded ahead takes as long as these still do.
 */
export class FeatureIndex {
  private readonly ofImage = new Map<string, Float32Array>();
  private readonly ofCaption = new Map<string, Float32Array>();
  private scale: number | null = null;
  /** Settles when nobody computes. */
  private last: Promise<unknown> = Promise.resolve();

  /** @param width that of the shared space; 0 for a model without one, which has no features to keep */
  constructor(readonly width: number) {}

  /** `[images, width]`. */
  async images(
    records: readonly SampleRecord[],
    borrow: UseEncoder,
    pixels: PixelReader,
    options: FeatureOptions = {},
  ): Promise<Float32Array> {
    const byHash = new Map(records.map((record) => [record.hash, record]));
    await this.complete(this.ofImage, [...byHash.keys()], borrow, options, (encoder, hashes, between) =>
      encoder.images(hashes.length, (index) => pixels.pixels(byHash.get(hashes[index] ?? '') as SampleRecord), between),
    );
    return this.gather(records.map(({ hash }) => this.ofImage.get(hash)));
  }

  /** `[captions, width]`. */
  async captions(captions: readonly string[], borrow: UseEncoder, options: FeatureOptions = {}): Promise<Float32Array> {
    await this.complete(this.ofCaption, [...new Set(captions)], borrow, options, (encoder, missing, between) =>
      encoder.texts(missing, between),
    );
    return this.gather(captions.map((caption) => this.ofCaption.get(caption)));
  }

  /** Natural logarithm of the scale that similarities are multiplied by. */
  async logLogitScale(borrow: UseEncoder): Promise<number> {
    this.scale ??= await borrow((encoder) => encoder.logLogitScale());
    return this.scale;
  }

  /** Computes what is not there of some keys, stretch by stretch and one asker at a time. */
  private async complete(
    known: Map<string, Float32Array>,
    keys: readonly string[],
    borrow: UseEncoder,
    { signal, onProgress }: FeatureOptions,
    compute: (encoder: Encoder, keys: readonly string[], between: Between) => Promise<Float32Array>,
  ): Promise<void> {
    const missing = (): readonly string[] => keys.filter((key) => !known.has(key));
    const total = missing().length;
    for (let left = total; left > 0; left = missing().length) {
      await this.inTurn(async () => {
        throwIfCancelled(signal);
        // Others may have computed them meanwhile.
        const rest = missing();
        const part = rest.slice(0, stretch);
        if (part.length === 0) return;
        const before = total - rest.length;
        const features = await borrow((encoder) =>
          compute(encoder, part, async (done) => {
            onProgress?.(before + done, total);
            await yieldToMessages();
            throwIfCancelled(signal);
          }),
        );
        part.forEach((key, index) => known.set(key, this.row(features, index)));
      });
    }
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.last.then(work);
    this.last = done.catch(() => undefined);
    return done;
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

type Between = (done: number) => Promise<void>;
