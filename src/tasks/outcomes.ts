/**
 * What became of each sample of an evaluation under one set of weights: what tells fixed samples from broken ones. It is the same for every task,
 * so that lists and counts need to know none.
 */

/** What a model made of a sample. */
export interface Outcome {
  /** Null where there is no right and wrong, as for sentences and numbers. */
  readonly right: boolean | null;
  /** More is better: the probability of the right class, the score of a sentence, one over the rank of the right answer, minus the error. */
  readonly score: number;
  /** What it said, in words. */
  readonly said: string;
}

/** A sample that was measured. */
export interface OutcomeSample {
  /** Key of its picture. */
  readonly imageId: string;
  /** What it was asked, where samples ask. */
  readonly asked?: string;
  /** What would be right, in words. */
  readonly wanted: string;
}

/** Samples and what became of each, in the same order. */
export interface Outcomes {
  readonly samples: readonly OutcomeSample[];
  readonly base: readonly Outcome[];
  /** Null where only the base model was measured. */
  readonly tuned: readonly Outcome[] | null;
  /** Null where there is no right and wrong, or nothing to compare with. */
  readonly turned: Turned | null;
}

/** How many samples the tuned model gets right that the base model got wrong, and the other way round. */
export interface Turned {
  readonly fixed: number;
  readonly broken: number;
  /**
   * McNemar's exact test, two-sided: how likely so uneven a split of these would be if both models were equally good. Null where samples belong
   * together in groups, since the test takes each for evidence of its own.
   */
  readonly pValue: number | null;
}
