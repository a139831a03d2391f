import { create } from 'zustand';
import { keepPicture, putBack, type KeptPicture } from '../../dataset/undelete';
import { datasetOf } from '../../dataset/records';
import { useDataStore } from '../../stores/data';

interface DeletedState {
  /** The picture that was deleted last, as long as it can be put back. */
  readonly deleted: { readonly name: string; readonly kept: KeptPicture } | null;
  readonly problem: string | null;
  /** Deletes a picture and keeps it in memory. @param name what it is called to the user */
  readonly remove: (imageId: string, name: string) => Promise<void>;
  readonly undo: () => Promise<void>;
  readonly dismiss: () => void;
}

/** The picture that was deleted last: it can be put back until another is deleted, or the page is closed. */
export const useDeleted = create<DeletedState>()((set, get) => ({
  deleted: null,
  problem: null,
  async remove(imageId, name) {
    const kept = await keepPicture(imageId);
    await useDataStore.getState().deleteImage(imageId);
    const gone = useDataStore.getState().images.every(({ id }) => id !== imageId);
    set({ deleted: gone ? { name, kept } : null, problem: null });
  },
  async undo() {
    const { deleted } = get();
    if (deleted === null) return;
    try {
      await putBack(deleted.kept);
      await useDataStore.getState().selectDataset(datasetOf(deleted.kept.imageId));
      set({ deleted: null, problem: null });
    } catch (error) {
      set({ problem: error instanceof Error ? error.message : String(error) });
    }
  },
  dismiss: () => set({ deleted: null, problem: null }),
}));
