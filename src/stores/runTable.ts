import { create } from 'zustand';

/** How the table of runs is looked at, and which runs are chosen there. It stays while one looks at other pages. */

export type SortKey = 'name' | 'data' | 'state' | 'steps' | 'time' | 'validation' | 'test' | 'begun';
export type GroupKey = 'none' | 'data' | 'task' | 'model' | 'tag' | 'state' | 'sweep';

export interface RunTableView {
  /** Words that all have to occur somewhere in what is said of a run. */
  readonly search: string;
  readonly sort: SortKey;
  readonly descending: boolean;
  readonly group: GroupKey;
}

interface RunTableState {
  readonly view: RunTableView;
  /** Ids of chosen runs, in the order in which they were chosen. */
  readonly chosen: readonly string[];
  readonly change: (change: Partial<RunTableView>) => void;
  /** Chooses a run, or takes it back. */
  readonly toggle: (runId: string) => void;
  readonly choose: (runIds: readonly string[]) => void;
}

export const useRunTable = create<RunTableState>()((set) => ({
  view: { search: '', sort: 'begun', descending: true, group: 'none' },
  chosen: [],
  change: (change) => set(({ view }) => ({ view: { ...view, ...change } })),
  toggle: (runId) =>
    set(({ chosen }) => ({
      chosen: chosen.includes(runId) ? chosen.filter((id) => id !== runId) : [...chosen, runId],
    })),
  choose: (chosen) => set({ chosen }),
}));
