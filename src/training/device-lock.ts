/**
 * Lets one job at a time use the device, in the order of asking. Training takes it for one step at a time, so that a search or an
 * evaluation slips in between two steps instead of waiting for the run to end.
 */
export class DeviceLock {
  private last: Promise<unknown> = Promise.resolve();

  /** Runs `work` when all that asked before is done, whether it succeeded or not. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work);
    this.last = result.catch(() => undefined);
    return result;
  }
}

/**
 * Lets messages of the page in. A step of a backend without a GPU blocks the worker, and a chain of settled promises never yields; timers
 * are throttled in hidden tabs, message channels are not.
 */
export function yieldToMessages(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
