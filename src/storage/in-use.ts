/**
 * What is in use in any tab, by Web Locks that the browser frees when a tab goes, however it goes. Whoever reads something over a long time holds
 * its name together with others; whoever takes it away needs it alone.
 */
const prefix = 'vernier:in-use:';

/** Does `work` while `name` is in use. Waits for whoever is taking it away. */
export async function using<T>(name: string, work: () => Promise<T>): Promise<T> {
  const locks = lockManager();
  return locks === null ? work() : locks.request(prefix + name, { mode: 'shared' }, work);
}

/**
 * Does `work` if nobody uses `name`, and keeps anybody from it meanwhile.
 *
 * @returns what `work` returned, or null without having called it
 */
export async function unlessInUse<T>(name: string, work: () => Promise<T>): Promise<{ readonly value: T } | null> {
  const locks = lockManager();
  if (locks === null) return { value: await work() };
  // One at a time, so that whoever takes something away is not refused because of another who does.
  return locks.request(`${prefix}${name}:taking`, () =>
    locks.request(prefix + name, { ifAvailable: true }, async (lock) =>
      lock === null ? null : { value: await work() },
    ),
  );
}

/** Absent in insecure contexts and outside of browsers, where only one tab is to be reckoned with. */
function lockManager(): LockManager | null {
  return (globalThis as { readonly navigator?: { readonly locks?: LockManager } }).navigator?.locks ?? null;
}
