import { FeatureCache, type StorageEstimate } from './feature-cache';
import type { RowStorage } from './rows';

const folderName = 'feature-cache';

/** The cache of this browser. Only a worker finds the file system's fast access; the page lists and clears. */
export const featureCache = new FeatureCache(once(storagesHere), estimateHere);

/**
 * Does a write of the user's own data. Where there is no room for it, caches go and it is done once more.
 *
 * @param write whole: what it did before it failed is undone or may be done again
 */
export async function withRoom<Result>(write: () => Promise<Result>, cache = featureCache): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    const full = error instanceof Error && error.name === 'QuotaExceededError';
    if (!full || (await cache.clear()) === 0) throw error;
    return write();
  }
}

/** None in insecure contexts and outside browsers. */
function storageManager(): StorageManager | null {
  return (globalThis as { readonly navigator?: { readonly storage?: StorageManager } }).navigator?.storage ?? null;
}

/** Null where the browser does not tell. */
export async function estimateHere(): Promise<StorageEstimate | null> {
  const { quota, usage } =
    (await storageManager()
      ?.estimate()
      .catch(() => null)) ?? {};
  return quota === undefined || usage === undefined ? null : { quota, usage };
}

/** Where rows can lie here. The page needs neither to show itself. */
async function storagesHere(): Promise<readonly RowStorage[]> {
  const found: RowStorage[] = [];
  try {
    // Private windows of some browsers have the method and refuse it.
    const root = await storageManager()?.getDirectory();
    if (root !== undefined) {
      const folder = await root.getDirectoryHandle(folderName, { create: true });
      const { OpfsRowStorage } = await import('./opfs-rows');
      found.push(new OpfsRowStorage(folder, 'createSyncAccessHandle' in FileSystemFileHandle.prototype));
    }
  } catch {
    // IndexedDB serves as well.
  }
  if ('indexedDB' in globalThis) {
    const { IdbRowStorage } = await import('./idb-rows');
    found.push(new IdbRowStorage());
  }
  return found;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => (made ??= make());
}
