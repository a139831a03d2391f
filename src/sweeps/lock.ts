/**
 * Which tab trains the trials of a sweep: one for the whole origin, since two trainers would share one GPU. A Web Lock, which the browser frees when
 * the tab goes, however it goes; the others watch.
 */
const prefix = 'vernier:sweep:';
const everySweep = 'vernier:sweep';

/**
 * Makes this tab the one that trains the trials of sweeps.
 *
 * @param released is called when it is let go of
 * @returns lets go of it; null where another tab, or this one, is at work on a sweep
 */
export async function asDriver(id: string, released: () => void): Promise<(() => void) | null> {
  const locks = lockManager();
  if (locks === null) return released;
  return new Promise((resolve, reject) => {
    locks
      .request(everySweep, { ifAvailable: true }, async (lock) => {
        if (lock === null) {
          resolve(null);
          return;
        }
        await locks.request(prefix + id, () => new Promise<void>((letGo) => resolve(letGo)));
        released();
      })
      .catch(reject);
  });
}

/** Ids of the sweeps that some tab is at work on; none where the browser cannot tell. */
export async function drivenSweeps(): Promise<readonly string[]> {
  const locks = lockManager();
  if (locks === null) return [];
  const { held = [] } = await locks.query();
  return held.flatMap(({ name }) => (name?.startsWith(prefix) === true ? [name.slice(prefix.length)] : []));
}

/** Resolves when no tab is at work on that sweep any more; never where the browser cannot tell. */
export async function sweepFree(id: string): Promise<void> {
  const locks = lockManager();
  if (locks === null) return new Promise(() => undefined);
  await locks.request(prefix + id, { mode: 'shared' }, () => Promise.resolve());
}

/** Absent in insecure contexts and outside browsers. */
function lockManager(): LockManager | null {
  return (globalThis as { readonly navigator?: { readonly locks?: LockManager } }).navigator?.locks ?? null;
}
