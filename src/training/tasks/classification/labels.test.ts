import { expect, test } from 'vitest';
import fixtures from '../../../metrics/fixtures/measures.json' with { type: 'json' };
import { everyPlace } from '../measured';
import { labelFigures } from './label-figures';
import { scoreLabels } from './label-scores';
import { measuredLabels } from './measured-labels';

const { labels, targets, probabilities, auroc, averagePrecision } = fixtures.severalLabels;
const names = ['a', 'b', 'c', 'never'];
const scores = scoreLabels(Float64Array.from(probabilities), Uint8Array.from(targets), new Array(labels).fill(0.5));
const samples = targets.length / labels;

test('several labels: AUROC and average precision of each and of all are those of scikit-learn', () => {
  const figures = labelFigures(scores, names);
  expect(figures.map(({ label }) => label)).toEqual(names);
  figures.slice(0, 3).forEach((figure, label) => {
    expect(figure.auroc).toBeCloseTo(auroc.each[label] ?? NaN, 6);
    expect(figure.averagePrecision).toBeCloseTo(averagePrecision.each[label] ?? NaN, 6);
    expect(figure.pictures).toBe(targets.filter((target, at) => at % labels === label && target === 1).length);
  });
  // No picture has the last label, which has no part in the mean of all.
  expect(figures[3]).toMatchObject({ pictures: 0, auroc: null, averagePrecision: null });
  const metrics = measuredLabels(scores, names).measure(everyPlace(samples));
  expect(metrics['auroc']).toBeCloseTo(auroc.macro, 6);
  expect(metrics['average-precision']).toBeCloseTo(averagePrecision.macro, 6);
});

test('several labels: what is costly is measured where it is asked for, and of samples that count twice', () => {
  const measured = measuredLabels(scores, names);
  expect(measured.measure(everyPlace(samples), ['micro-f1'])).not.toHaveProperty('auroc');
  const twice = measured.measure([...everyPlace(samples), ...everyPlace(samples)]);
  expect(twice['auroc']).toBeCloseTo(auroc.macro, 6);
  expect(twice['average-precision']).toBeCloseTo(averagePrecision.macro, 6);
});
