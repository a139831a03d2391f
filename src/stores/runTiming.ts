import { create } from 'zustand';
import { isCancelled, messageOf } from '../protocol/errors';
import type { Requests } from '../protocol/protocol';
import type { RunTiming } from '../protocol/run-timing';
import { client } from './client';

/** Milliseconds that nothing is changed in before a few steps are timed. */
const settled = 1200;

interface RunTimings {
  /** What is asked; null while nothing is. */
  readonly asked: string | null;
  /** What `timing` holds for; null before the first answer. */
  readonly answered: string | null;
  readonly timing: RunTiming | null;
  /** Why the newest question has no answer, for the user. */
  readonly problem: string | null;
  /**
   * Has a few steps of a run timed once nothing else has been asked for a moment.
   *
   * @param key says what is asked
   * @returns takes the question back, which ends the timing at once
   */
  readonly ask: (key: string, params: Requests['timeRun']['params']) => () => void;
}

/** What the parts of a run with the recipe in use would take, by the last timing. */
export const useRunTiming = create<RunTimings>()((set, get) => ({
  asked: null,
  answered: null,
  timing: null,
  problem: null,
  ask(key, params) {
    const { answered, problem } = get();
    if (answered === key && problem === null) return () => undefined;
    const controller = new AbortController();
    const mine = (): boolean => !controller.signal.aborted && get().asked === key;
    const find = async (): Promise<void> => {
      try {
        const timing = await client.request('timeRun', params, { signal: controller.signal });
        if (mine()) set({ asked: null, answered: key, timing });
      } catch (error) {
        if (mine()) set({ asked: null, problem: isCancelled(error) ? null : messageOf(error) });
      }
    };
    set({ asked: key, problem: null });
    const timer = setTimeout(() => void find(), settled);
    return () => {
      clearTimeout(timer);
      controller.abort();
      if (get().asked === key) set({ asked: null });
    };
  },
}));
