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

/** Running means of how long a step and an evaluation take. */
export class Pace {
  private step: number | null = null;
  private evaluation: number | null = null;

  /** @param seconds that `count` steps took */
  steps(count: number, seconds: number): void {
    if (count === 0) return;
    const each = seconds / count;
    const kept = memory ** count;
    this.step = this.step === null ? each : this.step * kept + each * (1 - kept);
  }

  evaluated(seconds: number): void {
    this.evaluation = this.evaluation === null ? seconds : this.evaluation * memory + seconds * (1 - memory);
  }

  /** Seconds per step; null before the first. */
  get secondsPerStep(): number | null {
    return this.step;
  }

  /** Seconds for what is left; null before there is a first step to judge by. */
  left(steps: number, evaluations: number): number | null {
    return this.step === null ? null : steps * this.step + evaluations * (this.evaluation ?? 0);
  }
}
