import { readdirSync, readFileSync } from 'node:fs';

/**
 * Milliseconds of CPU that a process and its descendants have used, over all cores; null where there is no `/proc`. On a software adapter this
 * tells how much work a step is even while other programs compete for the cores, when wall time does not.
 */
export function cpuTime(root: number): number | null {
  try {
    const parents = new Map<number, number>();
    for (const entry of readdirSync('/proc')) {
      const id = Number(entry);
      if (Number.isInteger(id)) parents.set(id, parentOf(id));
    }
    let total = 0;
    for (const id of parents.keys()) if (descends(id, root, parents)) total += used(id);
    return total;
  } catch {
    return null;
  }
}

function parentOf(id: number): number {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0; // It ended meanwhile.
  }
}

function descends(id: number, root: number, parents: ReadonlyMap<number, number>): boolean {
  for (let at: number | undefined = id; at !== undefined && at > 0; at = parents.get(at)) if (at === root) return true;
  return false;
}

/** Milliseconds of CPU that the calling thread has used; null where there is no `/proc`. Blocks the thread for a moment. */
export function threadTime(): number | null {
  // The kernel brings the figure up to date when the thread leaves its core.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0.1);
  try {
    return nanoseconds('/proc/thread-self/schedstat') / 1e6;
  } catch {
    return null;
  }
}

function used(id: number): number {
  let total = 0;
  for (const thread of readdirSync(`/proc/${id}/task`)) {
    try {
      total += nanoseconds(`/proc/${id}/task/${thread}/schedstat`) / 1e6;
    } catch {
      // The thread ended meanwhile.
    }
  }
  return total;
}

/** First number of a `schedstat`: nanoseconds on a core. */
function nanoseconds(schedstat: string): number {
  return Number(readFileSync(schedstat, 'utf8').split(' ')[0]);
}
