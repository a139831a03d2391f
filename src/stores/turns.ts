/** Tells the newest of several asynchronous works of one kind from those that a newer one has overtaken. */
export class Turns {
  private newest = 0;

  /**
   * Begins a work.
   * @returns whether it is still the newest
   */
  next(): () => boolean {
    this.newest += 1;
    return this.current();
  }

  /** Whether no work has begun since this call. */
  current(): () => boolean {
    const turn = this.newest;
    return () => turn === this.newest;
  }
}
