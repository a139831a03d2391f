import { create } from 'zustand';
import type { Recipe } from '../recipe/schema';
import { useRunStore } from './run';

/** A run that is to begin when those before it have ended. */
export interface QueuedRun {
  readonly id: string;
  readonly recipe: Recipe;
  readonly datasetId: string;
  readonly datasetName: string;
}

interface RunQueue {
  /** In the order in which they begin. */
  readonly items: readonly QueuedRun[];
  readonly add: (run: Omit<QueuedRun, 'id'>) => void;
  readonly remove: (id: string) => void;
  /** Starts the first, unless a run is in progress. */
  readonly startNext: () => void;
}

/** Runs that wait, for as long as the tab is open. */
export const useRunQueue = create<RunQueue>()((set, get) => ({
  items: [],
  add(run) {
    follow();
    set({ items: [...get().items, { ...run, id: crypto.randomUUID() }] });
  },
  remove: (id) => set({ items: get().items.filter((item) => item.id !== id) }),
  startNext() {
    const [first, ...rest] = get().items;
    if (first === undefined || useRunStore.getState().active !== null) return;
    set({ items: rest });
    useRunStore.getState().start(first.recipe, first.datasetId);
  },
}));

let following = false;

/**
 * Starts the next run when one has ended, from the first that is added on. A run that was discarded has ended too; one that was lost goes on by
 * itself, or waits for the user, and so does the queue.
 */
function follow(): void {
  if (following) return;
  following = true;
  useRunStore.subscribe((now, before) => {
    const ended = before.active !== null && now.active === null;
    const discarded = before.discarding !== null && now.discarding === null;
    if (!(ended || discarded) || now.active !== null || now.restart !== null) return;
    if (now.live !== null && now.live.end?.reason === 'interrupted') return;
    // What else follows the end of a run has its turn first.
    setTimeout(() => {
      if (useRunStore.getState().discarding === null) useRunQueue.getState().startNext();
    });
  });
}
