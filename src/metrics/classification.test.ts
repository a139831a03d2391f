import { describe, expect, test } from 'vitest';
import { averages, classCounts, classMeasures, confusionMatrix, labelCounts, precisionRecall } from './classification';
import cases from './fixtures/classification.json' with { type: 'json' };
import fixtures from './fixtures/measures.json' with { type: 'json' };

const kinds = ['micro', 'macro', 'weighted'] as const;
const values = ['precision', 'recall', 'f1'] as const;

describe.each(cases.map((each) => [each.name, each] as const))('%s', (_, each) => {
  const matrix = confusionMatrix(each.classes, each.targets, each.predicted);

  test('is measured as scikit-learn measures it', () => {
    const measured = classMeasures(matrix);
    expect(measured.accuracy).toBeCloseTo(each.accuracy, 9);
    expect(measured.balancedAccuracy).toBeCloseTo(each.balancedAccuracy, 9);
    for (const kind of kinds) {
      for (const name of values) expect(measured[kind][name], `${kind} ${name}`).toBeCloseTo(each[kind][name], 9);
    }
  });

  test('class by class, with 1 where nothing can be divided by', () => {
    classCounts(matrix).forEach((counts, index) => {
      const measured = precisionRecall(counts, 1);
      for (const name of values) expect(measured[name], name).toBeCloseTo(each.perClass[index]![name], 9);
    });
  });

  test('whatever the order of the pictures', () => {
    const order = each.targets.map((_, place) => (7 * place) % each.targets.length);
    if (new Set(order).size < order.length) return;
    const other = confusionMatrix(
      each.classes,
      order.map((place) => each.targets[place]!),
      order.map((place) => each.predicted[place]!),
    );
    expect(other).toEqual(matrix);
  });
});

test('several labels a sample, one of them never there and one never found', () => {
  const { labels, targets, predicted, ...expected } = fixtures.severalLabels;
  const measured = averages(labelCounts(labels, targets, predicted));
  for (const kind of kinds) {
    for (const name of values) expect(measured[kind][name], `${kind} ${name}`).toBeCloseTo(expected[kind][name], 9);
  }
});

test('of no samples at all everything is 0', () => {
  const { micro, accuracy, balancedAccuracy } = classMeasures(confusionMatrix(3, [], []));
  expect([micro.f1, accuracy, balancedAccuracy]).toEqual([0, 0, 0]);
});
