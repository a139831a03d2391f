/** What a set of weights makes of some samples that may have several labels. Matrices are `[samples, labels]`. */
export interface LabelScores {
  readonly samples: number;
  readonly labels: number;
  readonly probabilities: Float64Array;
  /** 0 or 1: what each sample has, and what it is said to have. */
  readonly wanted: Uint8Array;
  readonly said: Uint8Array;
  /** Whether exactly its labels are said of a sample. */
  readonly exact: readonly boolean[];
  /** Mean binary cross-entropy of the labels of each sample. */
  readonly losses: Float64Array;
}

/** @param thresholds from which probability on each label is said */
export function scoreLabels(
  probabilities: Float64Array,
  wanted: Uint8Array,
  thresholds: readonly number[],
): LabelScores {
  const labels = thresholds.length;
  const samples = probabilities.length / labels;
  const said = Uint8Array.from(probabilities, (p, at) => Number(p >= (thresholds[at % labels] ?? 0.5)));
  const losses = new Float64Array(samples);
  const exact = new Array<boolean>(samples).fill(true);
  probabilities.forEach((p, at) => {
    const sample = Math.floor(at / labels);
    if (said[at] !== wanted[at]) exact[sample] = false;
    losses[sample]! -= Math.log(Math.max(1e-12, wanted[at] === 1 ? p : 1 - p)) / labels;
  });
  return { samples, labels, probabilities, wanted, said, exact, losses };
}
