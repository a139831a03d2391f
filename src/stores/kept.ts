import { create } from 'zustand';
import { estimateHere, featureCache } from '../storage/feature-cache/here';
import type { StorageEstimate } from '../storage/feature-cache/feature-cache';
import { messageOf } from '../protocol/errors';
import { deleteBaseModel } from '../runs/base-model';
import { listStoredModels, type StoredModel } from '../storage/model-files';

interface KeptState {
  /** All that this site stores, and may store; null while unknown or where the browser does not tell. */
  readonly storage: StorageEstimate | null;
  /** Bytes of kept outputs of frozen layers; null until counted. */
  readonly features: number | null;
  /** Models that lie in this browser; null until they were looked for. */
  readonly models: readonly StoredModel[] | null;
  /** Why a model was not deleted or nothing could be counted, for the user; null where nothing went wrong. */
  readonly problem: string | null;
  /** Counts again. */
  readonly refresh: () => Promise<void>;
  /** Removes the kept outputs that no run uses now. */
  readonly clearFeatures: () => Promise<void>;
  /** Removes the files of a model; `problem` says why not. */
  readonly deleteModel: (model: string) => Promise<void>;
}

/** What the studio keeps in this browser, in bytes. */
export const useKeptStore = create<KeptState>()((set, get) => ({
  storage: null,
  features: null,
  models: null,
  problem: null,
  async refresh() {
    try {
      const [storage, features, models] = await Promise.all([estimateHere(), featureCache.bytes(), listStoredModels()]);
      set({ storage, features, models });
    } catch (error) {
      set({ problem: messageOf(error) });
    }
  },
  async clearFeatures() {
    await featureCache.clear();
    await get().refresh();
  },
  async deleteModel(model) {
    const problem = await deleteBaseModel(model).then(() => null, messageOf);
    set({ problem });
    await get().refresh();
  },
}));
