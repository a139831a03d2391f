import { describe, expect, test } from 'vitest';
import { brierScore, calibrationBins, expectedCalibrationError, logLoss } from './calibration';
import fixtures from './fixtures/measures.json' with { type: 'json' };
import { auroc, averagePrecision, macroOverClasses } from './ranking';
import { kendall, meanAbsoluteError, meanSquaredError, r2, spearman } from './regression';
import { averagePrecisionAt, medianRank, meanReciprocalRank, ndcg, recallAt, weightedMean } from './retrieval';

/** Twelve digits, or NaN for what the reference does not define. */
const expectNear = (value: number, expected: number | null): void => {
  if (expected === null) expect(value).toBeNaN();
  else expect(value).toBeCloseTo(expected, 9);
};

describe.each(fixtures.ranking.map((each) => [each.name, each] as const))('scores: %s', (_, each) => {
  const { scores, right, weights } = each;

  test('rank as in scikit-learn, also where samples count several times or not at all', () => {
    expectNear(auroc({ scores, right }), each.auroc);
    expectNear(averagePrecision({ scores, right }), each.averagePrecision);
    expectNear(auroc({ scores, right, weights }), each.weightedAuroc);
    expectNear(averagePrecision({ scores, right, weights }), each.weightedAveragePrecision);
  });

  test('rank the same when all scores are changed in order, and the other way round when they are reversed', () => {
    expectNear(auroc({ scores: scores.map((score) => Math.exp(3 * score)), right }), each.auroc);
    expectNear(auroc({ scores: scores.map((score) => -score), right }), 1 - each.auroc);
  });
});

test('without a right or a wrong one there is no AUROC', () => {
  expect(auroc({ scores: [1, 2], right: [1, 1] })).toBeNaN();
  expect(auroc({ scores: [1, 2], right: [0, 0] })).toBeNaN();
  expect(averagePrecision({ scores: [1, 2], right: [0, 0] })).toBeNaN();
});

describe('probabilities of several classes', () => {
  const { classes, targets, probabilities, ...expected } = fixtures.probabilities;
  const of = (index: number) => ({
    scores: targets.map((_, sample) => probabilities[sample * classes + index]!),
    right: targets.map((target) => (target === index ? 1 : 0)),
  });

  test('rank as in scikit-learn, each class against the others; one without samples takes no part', () => {
    expectNear(
      macroOverClasses(classes, (index) => auroc(of(index))),
      expected.auroc,
    );
    expectNear(
      macroOverClasses(classes + 1, (index) => auroc(index < classes ? of(index) : { scores: [1, 2], right: [0, 0] })),
      expected.auroc,
    );
    expectNear(
      macroOverClasses(classes, (index) => averagePrecision(of(index))),
      expected.averagePrecision,
    );
  });

  test('are calibrated, punished and told as their definitions say', () => {
    const rows = targets.map((_, sample) => probabilities.slice(sample * classes, (sample + 1) * classes));
    const confidence = rows.map((row) => Math.max(...row));
    const right = rows.map((row, sample) => (row.indexOf(Math.max(...row)) === targets[sample] ? 1 : 0));
    const bins = calibrationBins(confidence, right);
    expectNear(expectedCalibrationError(bins), expected.calibrationError);
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(targets.length);
    expectNear(brierScore(probabilities, targets, classes), expected.brier);
    expectNear(logLoss(probabilities, targets, classes), expected.logLoss);
  });

  test('of 0 and 1 lie in the first and the last bin', () => {
    const bins = calibrationBins([0, 1, 0.5, 1 / 15], [0, 1, 1, 0]);
    expect(bins.map(({ count }) => count)).toEqual([2, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1]);
    expectNear(expectedCalibrationError(bins), (1 / 15 + 0.5) / 4);
  });
});

test.each(fixtures.regression.map((each) => [each.name, each] as const))(
  'numbers, %s: as in scikit-learn and SciPy',
  (_, each) => {
    expectNear(meanSquaredError(each.wanted, each.said), each.mse);
    expectNear(meanAbsoluteError(each.wanted, each.said), each.mae);
    expectNear(r2(each.wanted, each.said), each.r2);
    expectNear(spearman(each.wanted, each.said), each.spearman);
    expectNear(kendall(each.wanted, each.said), each.kendall);
    const order = [...each.wanted.keys()].sort((a, b) => ((7 * a) % 61) - ((7 * b) % 61));
    const [wanted, said] = [order.map((place) => each.wanted[place]!), order.map((place) => each.said[place]!)];
    expectNear(kendall(wanted, said), each.kendall);
    expectNear(spearman(wanted, said), each.spearman);
  },
);

describe('retrieval', () => {
  test.each(fixtures.retrieval)('right answers at $places: as in scikit-learn', (each) => {
    expectNear(averagePrecisionAt(each.places), each.averagePrecision);
    expectNear(ndcg(each.places), each.ndcg);
    expectNear(ndcg(each.places, 5), each.ndcgAt5);
  });

  test('ranks give recall, reciprocal rank and median; weights are how often a query counts', () => {
    const ranks = [1, 2, 6, 11];
    expect([1, 5, 10].map((k) => recallAt(k, ranks))).toEqual([0.25, 0.5, 0.75]);
    expectNear(meanReciprocalRank(ranks), (1 + 1 / 2 + 1 / 6 + 1 / 11) / 4);
    expect(medianRank(ranks)).toBe(4);
    expect(medianRank([9, 1, 3])).toBe(3);
    const [weights, repeated] = [
      [3, 0, 1, 2],
      [1, 1, 1, 6, 11, 11],
    ];
    expect(medianRank(ranks, weights)).toBe(medianRank(repeated));
    expect(recallAt(5, ranks, weights)).toBe(recallAt(5, repeated));
    expect(weightedMean(ranks, weights)).toBe(weightedMean(repeated));
  });
});
