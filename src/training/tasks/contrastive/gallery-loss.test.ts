import { describe, expect, test } from 'vitest';
import { fixedBatches, lossPairs, pairLosses } from './gallery-loss';
import { createRandom } from '../../random';

const distinct = (count: number) => Array.from({ length: count }, (_, i) => ({ imageKey: i, textKey: i }));

describe('batches of one size', () => {
  test.each([64, 65, 70, 127, 128, 372])('count each of %i pairs once, and compare it with 64', (count) => {
    const batches = fixedBatches(distinct(count), lossPairs);
    const counted = batches.flatMap(({ rows, counted }) => rows.slice(0, counted));
    expect(counted.sort((a, b) => a - b)).toEqual(distinct(count).map(({ imageKey }) => imageKey));
    for (const { rows } of batches) {
      expect(rows).toHaveLength(64);
      expect(new Set(rows).size).toBe(64);
    }
  });

  test('are filled with pairs that share no caption as long as there are such', () => {
    const pairs = Array.from({ length: 90 }, (_, i) => ({ imageKey: i, textKey: i % 70 }));
    for (const { rows, counted } of fixedBatches(pairs, 64)) {
      const captions = rows.map((row) => pairs[row]?.textKey);
      const filled = captions.slice(counted);
      expect(filled.length).toBeGreaterThan(0);
      expect(filled.filter((caption) => captions.indexOf(caption) < captions.lastIndexOf(caption))).toEqual([]);
    }
  });
});

test('the same model has the same loss on many pictures as on few of the same kind', async () => {
  const random = createRandom(1);
  const width = 16;
  const noise = (): number => random() - 0.5;
  const rows = (count: number) => {
    const images = new Float32Array(count * width);
    const captions = new Float32Array(count * width);
    for (let row = 0; row < count; row++) {
      const own = Array.from({ length: width }, noise);
      for (const features of [images, captions]) {
        const values = own.map((value) => value + noise());
        const norm = Math.hypot(...values);
        features.set(
          values.map((value) => value / norm),
          row * width,
        );
      }
    }
    return { images, captions, width };
  };
  const lossOf = async (count: number) => {
    const { losses, comparedPairs } = await pairLosses(distinct(count), rows(count), Math.log(10));
    return { loss: losses.reduce((sum, loss) => sum + loss, 0) / count, comparedPairs };
  };
  const few = await lossOf(70);
  const many = await lossOf(900);
  expect(few.comparedPairs).toBe(64);
  expect(many.comparedPairs).toBe(64);
  expect(Math.abs(few.loss - many.loss)).toBeLessThan(0.3);
  expect((await lossOf(20)).comparedPairs).toBe(20);
});
