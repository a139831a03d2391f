import { expect, test } from 'vitest';
import { classification } from '.';
import cases from './fixtures/measures.json' with { type: 'json' };
import { confusionMatrix, measuresOf, namedMeasures } from './measures';

test.each(cases.map((each) => [each.name, each] as const))('%s: as scikit-learn has it', (_, each) => {
  const measured = measuresOf(confusionMatrix(each.classes, each.targets, each.predicted));
  expect(measured.accuracy).toBeCloseTo(each.accuracy, 9);
  expect(measured.balancedAccuracy).toBeCloseTo(each.balancedAccuracy, 9);
  for (const average of ['micro', 'macro', 'weighted'] as const) {
    for (const name of ['precision', 'recall', 'f1'] as const) {
      expect(measured[average][name], `${average} ${name}`).toBeCloseTo(each[average][name], 9);
    }
  }
});

test('every described metric is measured', () => {
  const named = namedMeasures(confusionMatrix(2, [0, 1, 1], [0, 1, 0]), 0.5);
  expect(Object.keys(named)).toEqual(expect.arrayContaining(classification.metrics.map(({ name }) => name)));
  expect(named).toMatchObject({ pictures: 3, classes: 2, loss: 0.5 });
});
