import type { StepMetrics } from '../../protocol/training';
import type { Run } from '../../runs/types';

/** A run with all that is written down of it but its weights. */
export interface RunContent {
  readonly run: Run;
  /** All steps, in their order. */
  readonly rows: readonly StepMetrics[];
  /** Name of the sweep that it is a trial of; null where it is none, or its sweep was deleted. */
  readonly sweep: string | null;
  /** Pictures of the examples in its report, by id, as addresses that hold them (`data:image/…`); null: it shows no examples. */
  readonly examples: ReadonlyMap<string, string> | null;
}

/** Seconds since 1970 at which a run had trained for so long, as if it had never paused. */
export function wallTime({ createdAt }: Pick<Run, 'createdAt'>, seconds: number): number {
  return createdAt / 1000 + seconds;
}

/** What was measured of each step, by names as PyTorch's tools write them. */
export function stepScalars({
  loss,
  gradNorm,
  learningRate,
  imagesPerSecond,
  extra,
}: StepMetrics): Readonly<Record<string, number>> {
  return {
    loss,
    grad_norm: gradNorm,
    learning_rate: learningRate,
    images_per_second: imagesPerSecond,
    ...Object.fromEntries(Object.entries(extra).map(([name, value]) => [snakeCase(name), value])),
  };
}

/** Evaluations, the one of the base model first, as step 0. */
export function evaluationsOf({
  run: { baseline, evaluations },
}: Pick<RunContent, 'run'>): readonly Pick<Run['evaluations'][number], 'step' | 'seconds' | 'metrics'>[] {
  const measured = evaluations.some(({ step }) => step === 0);
  return baseline === null || measured ? evaluations : [{ step: 0, seconds: 0, metrics: baseline }, ...evaluations];
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
