import { expect, test } from 'vitest';
import fixtures from './fixtures/answers.json' with { type: 'json' };
import { normalisedAnswer, vqaAccuracy } from './vqa';

test.each(fixtures.normalised)('“%s” is compared as “%s”', (answer, expected) => {
  expect(normalisedAnswer(answer)).toBe(expected);
});

test.each(fixtures.accuracies.map((each) => [each.said, each.answers.join(', '), each] as const))(
  '“%s” where people say %s',
  (_, __, { answers, said, accuracy }) => {
    expect(vqaAccuracy(answers, said)).toBeCloseTo(accuracy, 9);
    expect(vqaAccuracy(answers.toReversed(), said)).toBeCloseTo(accuracy, 9);
  },
);

test('with a few answers, one of them is right', () => {
  expect(vqaAccuracy(['Two'], '2')).toBe(1);
  expect(vqaAccuracy(['a red ball', 'ball'], 'red ball.')).toBe(1);
  expect(vqaAccuracy(['red'], 'blue')).toBe(0);
  expect(vqaAccuracy([], 'blue')).toBe(0);
});
