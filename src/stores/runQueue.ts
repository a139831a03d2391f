import { z } from 'zod';
import { create } from 'zustand';
import { messageOf } from '../protocol/errors';
import { restoreRecipe, versionedRecipe } from '../recipe/migrate';
import type { Recipe } from '../recipe/schema';
import { runOver, runsInProgress } from '../runs/lock';
import { useRunStore } from './run';
import { couldNotStore, isStored } from './unstored';

/** A run that is to begin when those before it have ended. */
export interface QueuedRun {
  readonly id: string;
  readonly recipe: Recipe;
  readonly datasetId: string;
  readonly datasetName: string;
}

export interface RunQueue {
  /** In the order in which they begin. */
  readonly items: readonly QueuedRun[];
  readonly add: (run: Omit<QueuedRun, 'id'>) => void;
  readonly remove: (id: string) => void;
  /** Moves a run one place ahead or back. */
  readonly move: (id: string, by: -1 | 1) => void;
  /** Starts the first, once no tab trains any more; not where a run is in progress in this tab, whose end starts it. */
  readonly startNext: () => Promise<void>;
}

const key = 'vernier-queue';

/** What it is to the user. */
const what = 'the runs that wait';

const storedSchema = z.object({
  id: z.string(),
  recipe: z.unknown(),
  datasetId: z.string(),
  datasetName: z.string(),
});

/**
 * Runs that wait, remembered by the browser and the same in all tabs: the tab whose run has ended starts the next one. Where storage does not take
 * them, they wait for as long as the tab is open, and the page says so.
 */
export const useRunQueue = create<RunQueue>()((set, get) => {
  /** Storage did not take what waits: it holds for this visit, and what is stored is out of date. */
  let held = false;

  function change(items: readonly QueuedRun[]): void {
    set({ items });
    try {
      const stored = items.map((item) => ({ ...item, recipe: versionedRecipe(item.recipe) }));
      localStorage.setItem(key, JSON.stringify(stored));
      held = false;
      isStored(what);
    } catch (error) {
      held = true;
      couldNotStore(what, messageOf(error), () => change(get().items));
    }
  }
  /** What waits by now: another tab may have started or removed some. */
  const newest = (): readonly QueuedRun[] => (held ? null : remembered()) ?? get().items;

  globalThis.addEventListener?.('storage', (event) => {
    if (event.key === key && !held) set({ items: remembered() ?? [] });
  });

  return {
    items: remembered() ?? [],
    add: (run) => change([...newest(), { ...run, id: crypto.randomUUID() }]),
    remove: (id) => change(newest().filter((item) => item.id !== id)),
    move(id, by) {
      const items = [...newest()];
      const from = items.findIndex((item) => item.id === id);
      const [moved] = items.splice(from, 1);
      if (from < 0 || moved === undefined) return;
      items.splice(Math.max(0, from + by), 0, moved);
      change(items);
    },
    async startNext() {
      for (;;) {
        if (useRunStore.getState().active !== null) return;
        const [theirs] = (await runsInProgress()) ?? [];
        if (theirs === undefined) break;
        await runOver(theirs);
      }
      const [first, ...rest] = newest();
      if (first === undefined || useRunStore.getState().active !== null) return;
      change(rest);
      useRunStore.getState().start(first.recipe, first.datasetId);
    },
  };
});

/** Null where nothing is remembered, or storage is blocked. */
function remembered(): readonly QueuedRun[] | null {
  try {
    const found = localStorage.getItem(key);
    if (found === null) return null;
    const listed: unknown = JSON.parse(found);
    if (!Array.isArray(listed)) return null;
    return listed.flatMap((item: unknown) => {
      const { success, data } = storedSchema.safeParse(item);
      return success ? [{ ...data, recipe: restoreRecipe(data.recipe).recipe }] : [];
    });
  } catch {
    return null;
  }
}

/**
 * The next run begins when one has ended, however it has. A run that was discarded has ended too; one that was lost and goes on by itself has not.
 */
useRunStore.subscribe((now, before) => {
  const ended = before.active !== null && now.active === null;
  const discarded = before.discarding !== null && now.discarding === null;
  if (!(ended || discarded) || now.active !== null) return;
  // What else follows the end of a run has its turn first.
  setTimeout(() => {
    const { discarding, restart } = useRunStore.getState();
    if (discarding === null && restart === null) void useRunQueue.getState().startNext();
  });
});
