import { expect, test } from 'vitest';
import { classMeasures, confusionMatrix } from './classification';
import cases from './fixtures/classification.json' with { type: 'json' };

test.each(cases.map((each) => [each.name, each] as const))('%s: as scikit-learn has it', (_, each) => {
  const measured = classMeasures(confusionMatrix(each.classes, each.targets, each.predicted));
  expect(measured.accuracy).toBeCloseTo(each.accuracy, 9);
  expect(measured.balancedAccuracy).toBeCloseTo(each.balancedAccuracy, 9);
  for (const average of ['micro', 'macro', 'weighted'] as const) {
    for (const name of ['precision', 'recall', 'f1'] as const) {
      expect(measured[average][name], `${average} ${name}`).toBeCloseTo(each[average][name], 9);
    }
  }
});
