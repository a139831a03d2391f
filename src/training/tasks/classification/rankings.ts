import { auroc, averagePrecision, macroOverClasses } from '../../../metrics/ranking';
import { descending } from '../../../metrics/ranks';
import type { Metrics } from '../../../tasks/metrics';

/** Of one class or label, how probable it is in each sample, and which samples are of it. */
export interface Ranked {
  readonly scores: Float64Array;
  /** 0 or 1. */
  readonly right: Uint8Array;
  /** Samples by descending score. */
  readonly order: Int32Array;
}

/**
 * @param probabilities `[samples, classes]`
 * @param isOf whether a sample is of a class, or has a label
 */
export function rankedBy(
  probabilities: Float64Array,
  classes: number,
  isOf: (sample: number, index: number) => boolean,
): readonly Ranked[] {
  const samples = probabilities.length / classes;
  return Array.from({ length: classes }, (_, index) => {
    const scores = Float64Array.from({ length: samples }, (__, sample) => probabilities[sample * classes + index]!);
    const right = Uint8Array.from({ length: samples }, (__, sample) => Number(isOf(sample, index)));
    return { scores, right, order: descending(scores) };
  });
}

const measures = { auroc, 'average-precision': averagePrecision } as const;

/**
 * AUROC and average precision, the mean of all classes or labels.
 *
 * @param places samples, some perhaps several times
 * @param names what is asked for; absent: both
 */
export function rankingMetrics(
  ranked: readonly Ranked[],
  places: readonly number[],
  names: readonly string[] | undefined,
): Metrics {
  const weights = new Float64Array(ranked[0]?.scores.length ?? 0);
  for (const place of places) weights[place]!++;
  return Object.fromEntries(
    Object.entries(measures).flatMap(([name, measure]) => {
      if (names?.includes(name) === false) return [];
      const value = macroOverClasses(ranked.length, (index) => measure({ ...ranked[index]!, weights }));
      return Number.isFinite(value) ? [[name, value] as const] : [];
    }),
  );
}
