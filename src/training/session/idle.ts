import { waiting, type Wait } from '../../storage/retry';

/** Share of the time that the device is left idle where a run is to be gentle. */
const share = 0.5;
/** Least milliseconds of a rest: shorter ones are put together. */
const least = 30;

/**
 * Leaves the device idle part of the time, so that a machine stays usable while it trains. Browsers wake hidden pages late: what a rest was too long
 * is left out of the next.
 */
export class Idle {
  private owed = 0;

  constructor(
    /** Milliseconds, monotonic. */
    private readonly now: () => number,
    private readonly wait: Wait = waiting,
  ) {}

  /** @param worked milliseconds since the last rest */
  async rest(worked: number): Promise<void> {
    this.owed += (worked * share) / (1 - share);
    if (this.owed < least) return;
    const began = this.now();
    await this.wait(this.owed);
    this.owed -= this.now() - began;
  }
}
