import { create } from 'zustand';

interface Unstored {
  /** What of the user's choices is in memory alone, in words for the user, and why. */
  readonly held: ReadonlyMap<string, string>;
  /** Tries again. */
  readonly storeAgain: () => void;
}

/** Milliseconds after which what storage did not take is tried again by itself. */
const again = 15_000;

const attempts = new Map<string, () => void>();
let timer: ReturnType<typeof setTimeout> | null = null;

/** Choices that storage has not taken: they hold for as long as the tab is open, and are tried again. */
export const useUnstored = create<Unstored>()(() => ({
  held: new Map(),
  storeAgain() {
    for (const attempt of [...attempts.values()]) attempt();
  },
}));

/**
 * Says that something could not be stored.
 *
 * @param attempt stores it once more, and says again what has become of it
 */
export function couldNotStore(what: string, why: string, attempt: () => void): void {
  attempts.set(what, attempt);
  useUnstored.setState(({ held }) => ({ held: new Map(held).set(what, why) }));
  timer ??= setTimeout(() => {
    timer = null;
    useUnstored.getState().storeAgain();
  }, again);
}

/** Says that something is stored. */
export function isStored(what: string): void {
  if (!attempts.delete(what)) return;
  useUnstored.setState(({ held }) => ({ held: new Map([...held].filter(([name]) => name !== what)) }));
}
