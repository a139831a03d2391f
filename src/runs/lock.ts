/**
 * Which run is training right now, in whichever tab: a Web Lock that its worker holds, and that the browser frees when the tab goes, however it
 * goes. There is one for the whole origin, since two trainers would share one GPU.
 */
const prefix = 'vernier:training:';
const everyTrainer = 'vernier:training';

/**
 * Runs `work` as the one trainer of this origin.
 *
 * @returns what `work` returned, or null without having called it when another tab is training
 */
export async function asTrainer<T>(runId: string, work: () => Promise<T>): Promise<{ readonly value: T } | null> {
  const locks = lockManager();
  if (locks === null) return { value: await work() };
  return locks.request(everyTrainer, { ifAvailable: true }, async (lock) => {
    if (lock === null) return null;
    return locks.request(prefix + runId, async () => ({ value: await work() }));
  });
}

/** Ids of the runs in progress in any tab; null where the browser cannot tell. */
export async function runsInProgress(): Promise<ReadonlySet<string> | null> {
  const locks = lockManager();
  if (locks === null) return null;
  const { held = [] } = await locks.query();
  return new Set(held.flatMap(({ name }) => (name?.startsWith(prefix) === true ? [name.slice(prefix.length)] : [])));
}

/** Resolves when no tab trains that run any more; never where the browser cannot tell. */
export async function runOver(runId: string): Promise<void> {
  const locks = lockManager();
  if (locks === null) return new Promise(() => undefined);
  await locks.request(prefix + runId, { mode: 'shared' }, () => Promise.resolve());
}

/** Absent in insecure contexts and outside browsers. */
function lockManager(): LockManager | null {
  return (globalThis as { readonly navigator?: { readonly locks?: LockManager } }).navigator?.locks ?? null;
}
