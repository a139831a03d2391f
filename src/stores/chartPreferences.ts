import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import { isFields } from '../recipe/versions';

interface ChartPreferences {
  readonly axis: 'step' | 'epoch' | 'time';
  /** Weight of the moving average, 0…0.99. */
  readonly smoothing: number;
  readonly log: boolean;
  /** Which charts the reader wants to see or not, by their ids; of those that are not named, the usual ones are shown. */
  readonly chosen: Readonly<Record<string, boolean>>;
  readonly change: (change: Partial<Pick<ChartPreferences, 'axis' | 'smoothing' | 'log'>>) => void;
  readonly choose: (chart: string, shown: boolean) => void;
}

/** The charts that versions 1 and 2 knew. */
const chartsOfBefore = [
  'loss',
  'validation-loss',
  'text-to-image@1',
  'image-to-text@1',
  'text-to-image@5',
  'image-to-text@5',
  'text-to-image@10',
  'image-to-text@10',
  'learning-rate',
  'gradient-norm',
  'logit-scale',
  'images-per-second',
];

/** Until version 2 all charts that are shown were listed; version 1 drew both losses into one chart. */
export function migrated(stored: unknown, version: number): unknown {
  if (version >= 3 || !isFields(stored)) return stored;
  const { shown, ...rest } = stored;
  if (!Array.isArray(shown)) return rest;
  const chosen = Object.fromEntries(chartsOfBefore.map((id) => [id, shown.includes(id)]));
  return { ...rest, chosen: version === 1 ? { ...chosen, 'validation-loss': shown.includes('loss') } : chosen };
}

/** How this reader likes charts drawn; the same for every run, and remembered. */
export const useChartPreferences = create<ChartPreferences>()(
  persist(
    (set, get) => ({
      axis: 'step',
      smoothing: 0.8,
      log: false,
      chosen: {},
      change: (change) => set(change),
      choose: (chart, shown) => set({ chosen: { ...get().chosen, [chart]: shown } }),
    }),
    {
      name: 'vernier-charts',
      version: 3,
      migrate: migrated,
      partialize: ({ axis, smoothing, log, chosen }) => ({ axis, smoothing, log, chosen }),
    },
  ),
);
