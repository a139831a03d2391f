import type { Outcome, Outcomes, OutcomeSample } from '../../tasks/outcomes';

/** A sample that was measured, and what was made of it. */
export interface MeasuredOutcome extends OutcomeSample {
  readonly outcome: Outcome;
}

/** What became of the samples under the weights that are looked at: the tuned ones, or the base model's where it stands alone. */
export function measuredOutcomes({ samples, base, tuned }: Outcomes): readonly MeasuredOutcome[] {
  return samples.flatMap((sample, place): readonly MeasuredOutcome[] => {
    const outcome = (tuned ?? base)[place];
    return outcome === undefined ? [] : [{ ...sample, outcome }];
  });
}
