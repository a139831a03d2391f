import { checkpointInterval } from '../data/storing-intervals';

/** Seconds of training since the run began, pauses left out, and the speed of late. */
export class RunClock {
  private readonly began: number;
  private pausedAt: number | null = null;
  private paused = 0;

  /**
   * @param now milliseconds, monotonic
   * @param before seconds that the run has taken earlier
   */
  constructor(
    private readonly now: () => number,
    before = 0,
  ) {
    this.began = now() - 1000 * before;
  }

  seconds(): number {
    return ((this.pausedAt ?? this.now()) - this.began - this.paused) / 1000;
  }

  pause(): void {
    this.pausedAt ??= this.now();
  }

  resume(): void {
    if (this.pausedAt !== null) this.paused += this.now() - this.pausedAt;
    this.pausedAt = null;
  }
}

/** Weight of the past in the running means. */
const memory = 0.8;

/** A running mean whose first value counts only as long as there is no other: what happens for the first time gets ready as well. */
class RunningMean {
  private values = 0;
  private mean: number | null = null;

  /** @param count so many had this value on average */
  take(value: number, count = 1): void {
    const kept = this.values < 2 ? 0 : memory ** count;
    if (this.values < 2) this.values++;
    this.mean = (this.mean ?? 0) * kept + value * (1 - kept);
  }

  /** Null before the first. */
  get value(): number | null {
    return this.mean;
  }
}

/** Running means of how long the parts of a run take, and what is left by them. */
export class Pace {
  private readonly step = new RunningMean();
  private readonly evaluation = new RunningMean();
  /** Seconds that the last checkpoint took. */
  private checkpoint = 0;

  /** @param seconds that `count` steps took */
  steps(count: number, seconds: number): void {
    if (count > 0) this.step.take(seconds / count, count);
  }

  /** @param seconds that an evaluation took, with the storing of weights where they were the best */
  evaluated(seconds: number): void {
    this.evaluation.take(seconds);
  }

  checkpointed(seconds: number): void {
    this.checkpoint = seconds;
  }

  /** Seconds per step; null before the first. */
  get secondsPerStep(): number | null {
    return this.step.value;
  }

  /** Seconds for what is left, the checkpoint at the end included; null before there is a first step to judge by. */
  left(steps: number, evaluations: number): number | null {
    const { secondsPerStep, checkpoint } = this;
    if (secondsPerStep === null) return null;
    const work = steps * secondsPerStep + evaluations * (this.evaluation.value ?? 0);
    const between = Math.floor((1000 * work) / checkpointInterval(1000 * checkpoint));
    return work + (between + 1) * checkpoint;
  }
}
