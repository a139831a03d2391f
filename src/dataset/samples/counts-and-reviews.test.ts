import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import type { SourceFile } from '../source';
import { countFiles, drawCounted, mostShapes, randomCounts } from './count-files';
import { seededRandom } from './drawing';
import { guessLimits, meanings, randomReviews, reviewFiles, type Review } from './review-files';
import { conditions, drawThing, things } from './things';

async function contents(files: readonly SourceFile[]): Promise<string[]> {
  const bytes = await Promise.all(files.map((file) => file.read()));
  return bytes.map((each) => Buffer.from(each).toString('base64'));
}

/** How often each value comes. */
function tally(values: readonly unknown[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[String(value)] = (counts[String(value)] ?? 0) + 1;
  return counts;
}

describe.each([
  ['counted shapes', countFiles],
  ['product reviews', reviewFiles],
])('%s', (_, filesOf) => {
  it('are the same for a seed, others for another, and pictures of 64 pixels', async () => {
    const [once, again, other] = await Promise.all([1, 1, 2].map((seed) => contents(filesOf({ count: 12, seed }))));
    expect(once).toEqual(again);
    expect(once!.every((bytes, i) => bytes !== other![i])).toBe(true);
    expect(new Set(once).size).toBe(13);
    const picture = decode(Buffer.from(once![1]!, 'base64'));
    expect([picture.width, picture.height, picture.channels]).toEqual([64, 64, 4]);
  });
});

describe('counted shapes', () => {
  it('have each number equally often, whatever their size', () => {
    const shapes = randomCounts(720, seededRandom(5));
    expect(tally(shapes.map(({ count }) => count))).toEqual(
      Object.fromEntries(Array.from({ length: mostShapes }, (_, i) => [i + 1, 80])),
    );
    const meanHalf = (from: number, to: number): number => {
      const own = shapes.filter(({ count }) => count >= from && count <= to).map(({ half }) => half);
      return own.reduce((sum, half) => sum + half, 0) / own.length;
    };
    expect(Math.abs(meanHalf(1, 4) - meanHalf(6, 9))).toBeLessThan(0.004);
  });

  it('are drawn apart from each other, so many as are said', () => {
    for (const [i, shapes] of randomCounts(90, seededRandom(7)).entries()) {
      const filled = { ...shapes, form: shapes.form === 'ring' ? ('circle' as const) : shapes.form };
      expect(islands(drawCounted(filled, 64, seededRandom(i)), 64), JSON.stringify(shapes)).toBe(shapes.count);
    }
  });
});

const neighbours = [-1, 0, 1].flatMap((down) => [-1, 0, 1].map((right) => [right, down] as const));

/** How many connected parts of a picture differ clearly from its ground, which is that of the corner. */
function islands(pixels: Uint8ClampedArray, side: number): number {
  const differs = (at: number): boolean =>
    [0, 1, 2].some((channel) => Math.abs(pixels[4 * at + channel]! - pixels[channel]!) > 60);
  const seen = new Set<number>();
  let count = 0;
  for (let start = 0; start < side * side; start += 1) {
    if (seen.has(start) || !differs(start)) continue;
    count += 1;
    const queue = [start];
    seen.add(start);
    for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
      const column = at % side;
      for (const [right, down] of neighbours) {
        const next = at + right + side * down;
        const isInside = column + right >= 0 && column + right < side && next >= 0 && next < side * side;
        if (!isInside || seen.has(next) || !differs(next)) continue;
        seen.add(next);
        queue.push(next);
      }
    }
  }
  return count;
}

describe('product reviews', () => {
  const reviews = randomReviews(1600, seededRandom(3));

  /** Share that is right if of all reviews that look the same the more frequent sentiment is guessed. */
  function bestGuess(keyOf: (review: Review) => string): number {
    const groups = new Map<string, { positive: number; negative: number }>();
    for (const review of reviews) {
      const group = groups.get(keyOf(review)) ?? { positive: 0, negative: 0 };
      group[review.sentiment] += 1;
      groups.set(keyOf(review), group);
    }
    return (
      [...groups.values()].reduce((sum, group) => sum + Math.max(group.positive, group.negative), 0) / reviews.length
    );
  }
  /** A sentence without what varies in it. */
  const wording = ({ text, thing }: Review): string =>
    text
      .replace(thing, '…')
      .replace(/^(Well|Honestly|Hello), /, '')
      .toLowerCase();

  it('have both sentiments, states and meanings in the shares that are said', () => {
    expect(tally(reviews.map(({ sentiment }) => sentiment))).toEqual({ positive: 800, negative: 800 });
    expect(tally(reviews.map(({ condition }) => condition === 'whole'))).toEqual({ true: 800, false: 800 });
    expect(tally(reviews.map(({ meaning }) => meaning))).toEqual(
      Object.fromEntries(Object.entries(meanings).map(([meaning, share]) => [meaning, 40 * share])),
    );
    expect(Object.keys(tally(reviews.map(({ thing }) => thing))).sort()).toEqual(Object.keys(things).sort());
    expect(new Set(reviews.map(wording)).size).toBeGreaterThanOrEqual(30);
  });

  it('cannot be told by words or picture alone beyond their limits, and can by both', () => {
    expect(bestGuess(wording)).toBeCloseTo(guessLimits.words, 10);
    expect(bestGuess(({ condition }) => condition)).toBeCloseTo(guessLimits.picture, 10);
    expect(Math.max(...Object.values(guessLimits))).toBeLessThan(0.75);
    // The name of the thing adds only chance to what the words say.
    expect(bestGuess(({ meaning, thing }) => `${meaning} ${thing}`)).toBeLessThan(0.75);
    expect(bestGuess((review) => `${review.meaning} ${review.condition === 'whole'}`)).toBe(1);
  });

  it('say in what sentence', () => {
    const one = (meaning: Review['meaning'], isWhole: boolean) =>
      new Set(
        reviews
          .filter((review) => review.meaning === meaning && (review.condition === 'whole') === isWhole)
          .map(({ sentiment }) => sentiment),
      );
    expect([one('follows', true), one('follows', false)]).toEqual([new Set(['positive']), new Set(['negative'])]);
    expect([one('turns', true), one('turns', false)]).toEqual([new Set(['negative']), new Set(['positive'])]);
    expect([one('good', false), one('bad', true)]).toEqual([new Set(['positive']), new Set(['negative'])]);
  });

  it('are drawn with damage that is seen', () => {
    for (const thing of Object.keys(things) as (keyof typeof things)[]) {
      const whole = drawThing({ thing, condition: 'whole' }, 64, seededRandom(1));
      for (const condition of conditions.slice(1)) {
        const damaged = drawThing({ thing, condition }, 64, seededRandom(1));
        const changed = whole.filter((value, i) => Math.abs(value - damaged[i]!) > 40).length;
        expect(changed, `${thing} ${condition}`).toBeGreaterThan(0.015 * whole.length);
      }
    }
  });
});
