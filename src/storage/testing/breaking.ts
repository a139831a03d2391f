import { vi } from 'vitest';

/** What writes to a database: the browser may break any of them off. */
const writes = ['put', 'delete'] as const;

/**
 * Has the browser break off the next transactions that write, so many of them. Undone by `vi.restoreAllMocks()`.
 *
 * @returns how many it has broken off
 */
export function breakOff(times: number): () => number {
  const broken = new Set<IDBTransaction>();
  for (const name of writes) {
    const write = Reflect.get(IDBObjectStore.prototype, name) as (...given: unknown[]) => IDBRequest;
    vi.spyOn(IDBObjectStore.prototype, name).mockImplementation(function (this: IDBObjectStore, ...given: unknown[]) {
      const request = write.apply(this, given);
      const { transaction } = this;
      if (broken.size < times && !broken.has(transaction)) {
        broken.add(transaction);
        // As browsers do: not in the middle of what the page does.
        queueMicrotask(() => transaction.abort());
      }
      return request;
    });
  }
  return () => broken.size;
}

/** Leaves no room for anything. Undone by `vi.restoreAllMocks()`. */
export function leaveNoRoom(): void {
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError');
  });
}

/** Has what is tried again be tried at once. Undone by `vi.restoreAllMocks()`. */
export function withoutWaits(): void {
  const { setTimeout: later } = globalThis;
  vi.spyOn(globalThis, 'setTimeout').mockImplementation((work: () => void) => later(work));
}
