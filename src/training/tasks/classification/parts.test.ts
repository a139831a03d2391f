import { describe, expect, test } from 'vitest';
import { createRandom } from '../../random';
import { planBatches } from '../../data/sampler';
import { labelBatches } from '../heads/batches';
import { fitHead } from '../heads/fit-head';
import { headLogits } from '../heads/linear-head';
import { classWeightsOf, positiveWeightsOf } from './weights';
import { changeBetween, eachByItself, resampledNames } from '../compare';
import { everyPlace } from '../measured';
import { classification } from '../../../tasks/classification';
import { measuredClasses } from './measured';
import { confusionOf, reliabilityOf, scoreClasses } from './scores';

describe('batches', () => {
  const targets = Array.from({ length: 50 }, (_, i) => (i < 40 ? 0 : 1));
  const plan = planBatches(targets.length, 10);

  test.each(['shuffled', 'stratified'] as const)('%s: every picture once, the same for the same seed', (order) => {
    const batches = labelBatches(targets, plan, order, 7, 2);
    expect(batches.flat().sort((a, b) => a - b)).toEqual([...targets.keys()]);
    expect(new Set(batches.map(({ length }) => length))).toEqual(new Set([10]));
    expect(labelBatches(targets, plan, order, 7, 2)).toEqual(batches);
    expect(labelBatches(targets, plan, order, 7, 3)).not.toEqual(batches);
  });

  test('stratified ones hold the classes in their shares', () => {
    for (const batch of labelBatches(targets, plan, 'stratified', 1, 0)) {
      const rare = batch.filter((index) => targets[index] === 1).length;
      expect(rare).toBeGreaterThanOrEqual(1);
      expect(rare).toBeLessThanOrEqual(3);
    }
  });
});

describe('weights of classes', () => {
  test('balanced ones make all classes count the same', () => {
    const weights = classWeightsOf([3, 1, 0], { classWeights: 'balanced', effectiveBeta: 0.999 });
    expect([...weights]).toEqual([4 / 9, 4 / 3, 0].map(Math.fround));
  });

  test('effective numbers lie between equal weights of samples and of classes', () => {
    const counts = [1000, 10];
    const ratio = (classWeights: 'none' | 'balanced' | 'effective', effectiveBeta = 0.99) => {
      const [common = 0, rare = 0] = classWeightsOf(counts, { classWeights, effectiveBeta });
      return rare / common;
    };
    expect(ratio('none')).toBe(1);
    expect(ratio('balanced')).toBeCloseTo(100, 4);
    expect(ratio('effective')).toBeCloseTo((1 - 0.99 ** 1000) / (1 - 0.99 ** 10), 4);
    const weights = classWeightsOf(counts, { classWeights: 'effective', effectiveBeta: 0.9 });
    expect((weights[0] ?? 0) + (weights[1] ?? 0)).toBeCloseTo(2, 6);
  });

  test('positives of rare labels count for more; labels that tell nothing apart do not', () => {
    const balanced = { classWeights: 'balanced', effectiveBeta: 0.999 } as const;
    expect([...positiveWeightsOf([2, 0, 8, 4], 8, balanced)]).toEqual([3, 1, 1, 1]);
    expect([...positiveWeightsOf([2], 8, { ...balanced, classWeights: 'none' })]).toEqual([1]);
  });
});

test('a head is fitted to logits that pictures have, up to what all classes share', () => {
  const random = createRandom(2);
  const [width, classes, pictures] = [6, 3, 400];
  const draw = (count: number) => Float32Array.from({ length: count }, () => random() - 0.5);
  const x = draw(pictures * width);
  const logits = headLogits({ weight: draw(classes * width), bias: draw(classes) }, x);
  const fitted = headLogits(fitHead(x, logits, width, classes), x);
  const best = (values: Float32Array, picture: number) => {
    const row = [...values.subarray(picture * classes, (picture + 1) * classes)];
    return row.indexOf(Math.max(...row));
  };
  const same = Array.from({ length: pictures }, (_, picture) => best(logits, picture) === best(fitted, picture));
  expect(same.filter(Boolean).length / pictures).toBeGreaterThan(0.95);
});

test('fewer pictures than numbers a picture, or all alike, give a head all the same', () => {
  for (const x of [Float32Array.of(1, 2, 3, 4, 5, 6), new Float32Array(6).fill(1)]) {
    const { weight, bias } = fitHead(x, Float32Array.of(1, 0, 0, 1), 3, 2);
    expect([...weight, ...bias].every(Number.isFinite)).toBe(true);
  }
});

describe('scores', () => {
  const logits = Float32Array.of(2, 0, 0, 3, 1, 0, 0, 1);
  const scores = scoreClasses(logits, [0, 1, 1, 1], 2);

  test('count what is taken for what, with the pictures of each cell', () => {
    const measured = measuredClasses(scores, ['cat', 'dog']);
    const metrics = measured.measure(everyPlace(4));
    expect(metrics).toMatchObject({ accuracy: 0.75, pictures: 4, classes: 2 });
    const ofOthers = new Set(['micro-f1', 'exact-match', 'mean-steps']);
    const described = resampledNames(classification).filter((name) => !ofOthers.has(name));
    expect(Object.keys(metrics)).toEqual(expect.arrayContaining(described));
    expect(measured.measure([2, 3, 3])).toMatchObject({ accuracy: 2 / 3, pictures: 3 });
    expect(measured.outcome(2)).toMatchObject({ right: false, said: 'cat' });
    expect(measured.outcome(2).score).toBeCloseTo(1 / (1 + Math.E), 6);
    expect(scores.confidence[0]).toBeCloseTo(1 / (1 + Math.exp(-2)), 12);
    const { cells } = confusionOf(scores, ['cat', 'dog'], ['a', 'b', 'c', 'd']);
    expect(cells).toContainEqual({ row: 1, column: 0, count: 1, images: ['c'] });
    expect(cells).toContainEqual({ row: 1, column: 1, count: 2, images: ['b', 'd'] });
  });

  test('say how often probabilities come true', () => {
    const bins = reliabilityOf(scores);
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(4);
    for (const { low, high, confidence, accuracy } of bins) {
      expect(confidence).toBeGreaterThan(low);
      expect(confidence).toBeLessThanOrEqual(high);
      expect(accuracy).toBeLessThanOrEqual(1);
    }
  });

  test('have an interval for every change, around it, and none for a handful of pictures', async () => {
    const random = createRandom(3);
    const targets = Array.from({ length: 120 }, (_, i) => i % 3);
    const drawn = (skill: number) =>
      measuredClasses(
        scoreClasses(
          Float32Array.from({ length: 360 }, (_, i) => random() + (i % 3 === targets[Math.floor(i / 3)] ? skill : 0)),
          targets,
          3,
        ),
        ['a', 'b', 'c'],
      );
    const [before, after] = [drawn(0.1), drawn(0.5)];
    const changes = (groups: Int32Array) =>
      changeBetween(before, after, { groups, names: resampledNames(classification) });
    const change = await changes(eachByItself(120));
    const [base, tuned] = [before.measure(everyPlace(120)), after.measure(everyPlace(120))];
    for (const name of ['accuracy', 'macro-f1', 'balanced-accuracy', 'weighted-f1', 'loss']) {
      const gain = (tuned[name] ?? NaN) - (base[name] ?? NaN);
      expect(change?.intervals[name]?.low, name).toBeLessThan(gain);
      expect(change?.intervals[name]?.high, name).toBeGreaterThan(gain);
    }
    expect(await changes(Int32Array.from({ length: 120 }, (_, place) => place % 5))).toBeNull();
  });
});
