import { describe, expect, it } from 'vitest';
import { recipeSchema } from '../recipe/schema';
import { namedMetrics } from '../tasks/contrastive/structured';
import type { Metrics } from '../tasks/metrics';
import { adviseOnCourse } from './advice';
import type { Evidence } from './evidence';

const measured = (loss: number, recall: number, more: Metrics = {}): Metrics => {
  const direction = { recallAt1: recall, recallAt5: recall, recallAt10: recall, meanRank: 2, medianRank: 2 };
  const both = { imageToText: direction, textToImage: direction };
  const metrics = namedMetrics({ ...both, gallery: 100, captions: 100, guess: null, loss, lossPairs: 100 });
  return { ...metrics, ...more };
};
const evaluation = (step: number, loss: number, recall = 0.5): Evidence['evaluations'][number] => ({
  step,
  metrics: measured(loss, recall),
  change: null,
});
const steps = (count: number, value: (step: number) => number): readonly number[] =>
  Array.from({ length: count }, (_, index) => value(index + 1));
const evaluations = (losses: readonly number[]) => losses.map((loss, i) => evaluation((i + 1) * 50, loss));

/** A run that goes well, in its middle. */
const goingOn: Evidence = {
  recipe: recipeSchema.parse({}),
  loss: steps(300, (step) => 3 * Math.exp(-step / 200)),
  gradNorm: steps(300, () => 1),
  logitScale: steps(300, () => 14),
  latest: { logitScale: 14 },
  events: [],
  baseline: measured(3, 0.35),
  evaluations: [],
  train: 500,
  validation: 100,
  test: 0,
  batchSize: 32,
  totalSteps: 600,
  forgets: false,
  over: false,
  tested: null,
  data: null,
};
const said = (change: Partial<Evidence>) => adviseOnCourse({ ...goingOn, ...change });
const ids = (change: Partial<Evidence>): readonly string[] => said(change).map(({ id }) => id);

describe('what is said of a run while it goes on', () => {
  it('is nothing where all goes well', () => {
    expect(ids({})).toEqual([]);
    expect(ids({ evaluations: evaluations([2.7, 2.4, 2.1, 1.8, 1.5, 1.2]) })).toEqual([]);
  });

  it('sees validation loss flat while training loss falls, and since when', () => {
    const flat = evaluations([2.5, 2, 2.01, 1.995, 2.02, 2.01]);
    const [note] = said({ evaluations: flat });
    expect(note).toMatchObject({ id: 'flat', stop: true });
    expect(note?.title).toContain('flat since step 100');
    expect(note?.reason).toContain('The best point is kept');
    // There is nothing to stop any more.
    expect(ids({ evaluations: flat, over: true })).not.toContain('flat');
  });

  it('calls it rising when it rises, and learning by heart when it rises much', () => {
    const [note] = said({ evaluations: evaluations([2.5, 2, 2.1, 2.12, 2.15, 2.2]) });
    expect(note?.title).toContain('risen since step 100');
    expect(ids({ evaluations: evaluations([2.5, 2, 2.1, 2.2, 2.3, 2.4]) })).toEqual(['overfitting']);
  });

  it('is silent on it where training loss is flat too', () => {
    const loss = steps(300, () => 3);
    expect(ids({ loss, evaluations: evaluations([2.5, 2, 2, 2, 2, 2]) })).toEqual([]);
  });

  it('is a loss that is no number before all else', () => {
    const notes = said({
      loss: steps(60, (step) => (step >= 40 ? NaN : 3)),
      gradNorm: steps(60, (step) => (step % 5 === 0 ? 100 : 1)),
    });
    expect(notes).toMatchObject([{ id: 'rate-high', stop: true }]);
    expect(notes[0]?.reason).toContain('step 40');
  });

  it('waits with a word on the rate until warm-up is past', () => {
    const rising = steps(20, (step) => (step < 10 ? 1 : 3));
    expect(ids({ loss: rising })).toEqual([]);
    expect(ids({ loss: rising, over: true })).toEqual(['rate-high']);
    expect(ids({ loss: steps(30, () => 3), evaluations: [evaluation(30, 3)] })).toEqual([]);
    expect(ids({ loss: steps(300, () => 3), evaluations: [evaluation(300, 3)] })).toEqual(['rate-low']);
  });

  it('sees a model that has become worse than its base', () => {
    const worse = { intervals: { 'recall@1': { low: -0.2, high: -0.05 } }, groups: 100 };
    const lost = [1, 2, 3].map((i) => ({ ...evaluation(i * 50, 3 - i * 0.1, 0.2), change: worse }));
    expect(ids({ evaluations: lost })).toEqual(['below-base']);
    expect(ids({ evaluations: lost.slice(1) })).toEqual([]);
    const unsure = { ...worse, intervals: { 'recall@1': { low: -0.2, high: 0.05 } } };
    expect(ids({ evaluations: lost.map((each) => ({ ...each, change: unsure })) })).toEqual([]);
  });

  it('says when the base model does little better than guessing', () => {
    const rank = (meanRank: number) =>
      measured(3, 0.02, { 'guess.imageToText.meanRank': 50.5, 'imageToText.meanRank': meanRank });
    expect(ids({ baseline: rank(40) })).toEqual(['near-chance']);
    expect(ids({ baseline: rank(10) })).toEqual([]);
  });

  it('warns early that large steps spoil what a base model does well', () => {
    const baseline = measured(3, 0.68, { 'guess.imageToText.meanRank': 50.5, 'imageToText.meanRank': 5 });
    expect(ids({ baseline, forgets: true })).toEqual(['forgets']);
    expect(ids({ baseline, forgets: false })).toEqual([]);
    const three = [1, 2, 3].map((i) => evaluation(i * 50, 3 - i * 0.1, 0.7));
    expect(ids({ baseline, forgets: true, evaluations: three })).toEqual([]);
  });

  it('sees leaping gradients and a scale at its bound', () => {
    expect(ids({ gradNorm: steps(200, (step) => (step % 40 === 0 ? 50 : 1)) })).toEqual(['spikes']);
    expect(ids({ latest: { logitScale: 100 } })).toEqual(['clamped']);
  });
});
