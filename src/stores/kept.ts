import { create } from 'zustand';
import { estimateHere, featureCache } from '../storage/feature-cache/here';
import type { StorageEstimate } from '../storage/feature-cache/feature-cache';

interface KeptState {
  /** All that this site stores, and may store; null while unknown or where the browser does not tell. */
  readonly storage: StorageEstimate | null;
  /** Bytes of kept outputs of frozen layers; null until counted. */
  readonly features: number | null;
  /** Counts anew. */
  readonly refresh: () => Promise<void>;
  /** Removes the kept outputs that no run uses now. */
  readonly clearFeatures: () => Promise<void>;
}

/** What the studio keeps in this browser, in bytes. */
export const useKeptStore = create<KeptState>()((set, get) => ({
  storage: null,
  features: null,
  async refresh() {
    const [storage, features] = await Promise.all([estimateHere(), featureCache.bytes()]);
    set({ storage, features });
  },
  async clearFeatures() {
    await featureCache.clear();
    await get().refresh();
  },
}));
