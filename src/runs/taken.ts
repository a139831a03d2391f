import type { Run } from './types';

/** What a run has taken so far. */
export interface Taken {
  /** Samples that were trained on, each as often as it came. */
  readonly samples: number | null;
  /** Floating-point operations of its training steps: an estimate, without evaluations and outputs of frozen layers. */
  readonly flops: number | null;
  /** Seconds from its beginning to its end, with pauses, evaluations and what lay between two visits; null while it goes on. */
  readonly wallSeconds: number | null;
}

export function takenBy({
  work,
  plan,
  stepsDone,
  createdAt,
  endedAt,
}: Pick<Run, 'work' | 'plan' | 'stepsDone' | 'createdAt' | 'endedAt'>): Taken {
  const wallSeconds = endedAt === null ? null : Math.max(0, (endedAt - createdAt) / 1000);
  if (work === null || work === undefined || plan === null) return { samples: null, flops: null, wallSeconds };
  // Batches differ by one sample at most, and every epoch has all of them.
  const samples = Math.round((stepsDone * work.samplesPerEpoch) / plan.stepsPerEpoch);
  return { samples, flops: stepsDone * work.flopsPerStep, wallSeconds };
}

const prefixes = ['', 'k', 'M', 'G', 'T', 'P', 'E'] as const;

/** `3.4 TFLOP`, `–` where it is not known. */
export function flopsText(flops: number | null): string {
  if (flops === null) return '–';
  const power = flops < 1 ? 0 : Math.min(prefixes.length - 1, Math.floor(Math.log10(flops) / 3));
  return `${Number((flops / 1000 ** power).toPrecision(3))} ${prefixes[power] ?? ''}FLOP`;
}
