import type { PageMessage } from '../protocol/protocol';

/**
 * Whether the worker lives. Two signs tell: a Web Lock that it holds as long as it lives, which the browser frees however it ends and at once; and
 * its answers to pings, which say nothing for as long as one step of a backend without a GPU blocks it. So the lock tells that it has ended, and
 * lasting silence only that it may be stuck.
 */

/** Milliseconds between pings. */
const pingEvery = 5_000;
/**
 * Pings in a row that must have gone unanswered before the worker counts as silent: a minute in a page that is seen. Ticks are counted and not
 * the time, since browsers slow the timers of hidden pages down, and all stand still while the machine sleeps.
 */
const silentAfter = 12;

/** Worker side: holds the lock of that name until the worker ends. Resolves as soon as it is held; never where there are no locks. */
export function holdLifeline(name: string): Promise<void> {
  return new Promise((held) => {
    void lockManager()?.request(name, () => {
      held();
      return new Promise(() => undefined);
    });
  });
}

/** Page side: calls `ended` when the holder of the lock has ended. Returns the way to stop watching. */
export function watchLifeline(name: string, ended: () => void): () => void {
  const controller = new AbortController();
  lockManager()
    ?.request(name, { signal: controller.signal }, () => ended())
    // Aborted: nobody watches any more.
    .catch(() => undefined);
  return () => controller.abort();
}

/** Page side: pings while something is waited for, and tells when no answer comes and when one comes after all. */
export class Heartbeat {
  private timer: ReturnType<typeof setInterval> | undefined;
  private unanswered = 0;

  /**
   * @param send pings the worker
   * @param onSilence is told true when the worker counts as silent, and false when it is heard again
   */
  constructor(
    private readonly send: (ping: Extract<PageMessage, { type: 'ping' }>) => void,
    private readonly onSilence: (silent: boolean) => void,
  ) {}

  /** Begins to ping, unless it does already. */
  start(): void {
    this.timer ??= setInterval(() => this.tick(), pingEvery);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.heard();
  }

  /** Something came from the worker. */
  heard(): void {
    const wasSilent = this.unanswered > silentAfter;
    this.unanswered = 0;
    if (wasSilent) this.onSilence(false);
  }

  private tick(): void {
    // A worker that is blocked finds one ping when it is free again, not hundreds.
    if (this.unanswered === 0) this.send({ type: 'ping' });
    this.unanswered += 1;
    if (this.unanswered === silentAfter + 1) this.onSilence(true);
  }
}

/** Absent in insecure contexts and outside browsers. */
function lockManager(): LockManager | null {
  return (globalThis as { readonly navigator?: { readonly locks?: LockManager } }).navigator?.locks ?? null;
}
