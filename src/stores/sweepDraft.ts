import { create } from 'zustand';
import type { Budget, SweepMethod, SweptField } from '../sweeps/types';

/** The sweep that is being put together, for as long as the tab is open. */
interface SweepDraft {
  /** Null while nobody has chosen any: what is proposed for the recipe counts. */
  readonly fields: readonly SweptField[] | null;
  readonly method: SweepMethod;
  readonly budget: Budget;
  /** Name of the metric to look for; null: what runs choose their best weights by. */
  readonly objective: string | null;
  readonly stopWeak: boolean;
  readonly seed: number;
  readonly change: (change: Partial<Omit<SweepDraft, 'change'>>) => void;
}

export const useSweepDraft = create<SweepDraft>()((set) => ({
  fields: null,
  method: { type: 'random' },
  budget: { unit: 'runs', amount: 12 },
  objective: null,
  stopWeak: false,
  seed: 0,
  change: (change) => set(change),
}));
