import { describe, expect, it } from 'vitest';
import { sampleRecord } from '../../dataset/testing/records';
import type { Encoder } from './encoder';
import type { UseEncoder } from './encoder-pool';
import { FeatureIndex } from './feature-index';
import type { PixelReader } from './samples';

/** An encoder of two numbers a picture, which notes every picture that it looks at. */
function stand() {
  const seen: number[] = [];
  const encoder = {
    async images(
      count: number,
      pixels: (index: number) => Promise<Uint8Array>,
      between?: (done: number) => Promise<void>,
    ) {
      const features = new Float32Array(2 * count);
      for (let index = 0; index < count; index++) {
        const [value = 0] = await pixels(index);
        seen.push(value);
        features.set([value, 1], 2 * index);
        await between?.(index + 1);
      }
      return features;
    },
  };
  const borrow: UseEncoder = (work) => work(encoder as unknown as Encoder);
  const pixels = {
    pixels: ({ id }) => Promise.resolve(Uint8Array.of(Number(id.slice(id.lastIndexOf('/') + 1)))),
  } satisfies Pick<PixelReader, 'pixels'> as PixelReader;
  return { seen, borrow, pixels };
}

const records = Array.from({ length: 200 }, (_, i) => sampleRecord(String(i)));

describe('features of pictures', () => {
  it('are computed once for all who ask at the same time', async () => {
    const { seen, borrow, pixels } = stand();
    const index = new FeatureIndex(2);
    const [all, some] = await Promise.all([
      index.images(records, borrow, pixels),
      index.images(records.slice(50, 150), borrow, pixels),
    ]);
    expect(seen).toEqual(records.map((_, i) => i));
    expect([all.length, some.length]).toEqual([400, 200]);
    expect([...some.subarray(0, 4)]).toEqual([50, 1, 51, 1]);
  });

  it('stay when the work is cancelled, and the next one goes on from there', async () => {
    const { seen, borrow, pixels } = stand();
    const index = new FeatureIndex(2);
    const controller = new AbortController();
    const progress: number[] = [];
    const cancelled = index.images(records, borrow, pixels, {
      signal: controller.signal,
      onProgress: (done) => {
        if (done === 150) controller.abort();
      },
    });
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    await index.images(records, borrow, pixels, { onProgress: (done, total) => progress.push(done, total) });
    // Of what was computed last, 22 pictures were lost.
    expect(seen).toHaveLength(150 + 72);
    expect(progress.slice(-2)).toEqual([72, 72]);
  });
});
