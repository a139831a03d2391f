import { readThumbnails } from '../dataset/storage';

/** A thumbnail that some component shows, or showed a moment ago. */
interface Entry {
  /** Null while it is read, and where none is stored. */
  url: string | null;
  /** Being read. */
  pending: boolean;
  readonly listeners: Set<() => void>;
}

/** Thumbnails kept after nobody shows them any more, so that scrolling back needs no reading. */
const spare = 300;

const entries = new Map<string, Entry>();
let wanted: string[] = [];

/** Reads all thumbnails asked for in the same moment in one transaction. */
async function readWanted(): Promise<void> {
  const ids = wanted;
  wanted = [];
  let blobs: readonly (Blob | null)[] = [];
  try {
    blobs = await readThumbnails(ids);
  } catch {
    // A place without picture says enough; whatever broke the storage is reported where it is written.
  }
  for (const [index, id] of ids.entries()) {
    const entry = entries.get(id);
    if (entry === undefined) continue;
    entry.pending = false;
    const blob = blobs[index] ?? null;
    if (blob === null || entry.url !== null) continue;
    entry.url = URL.createObjectURL(blob);
    for (const listener of entry.listeners) listener();
  }
}

/**
 * Asks for a picture's thumbnail, and tells when `thumbnailUrl` has changed. Its address stays good as long as somebody watches.
 *
 * @returns the way to stop watching
 */
export function watchThumbnail(id: string, listener: () => void): () => void {
  let entry = entries.get(id);
  entry ??= { url: null, pending: false, listeners: new Set() };
  if (entry.url === null && !entry.pending) {
    entry.pending = true;
    if (wanted.push(id) === 1) queueMicrotask(() => void readWanted());
  }
  // The newest place of the map is for what was shown last.
  entries.delete(id);
  entries.set(id, entry);
  entry.listeners.add(listener);
  return () => {
    entry.listeners.delete(listener);
    dropUnused();
  };
}

/** Frees the addresses of the pictures that have not been shown for longest. */
function dropUnused(): void {
  let surplus = entries.size - spare;
  if (surplus <= 0) return;
  for (const [id, { url, listeners }] of entries) {
    if (surplus <= 0) return;
    if (listeners.size > 0) continue;
    if (url !== null) URL.revokeObjectURL(url);
    entries.delete(id);
    surplus--;
  }
}

/** An address of a picture's thumbnail; null while it is read, where there is none, and while nobody watches it. */
export function thumbnailUrl(imageId: string): string | null {
  return entries.get(imageId)?.url ?? null;
}
