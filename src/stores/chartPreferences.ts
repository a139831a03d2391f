import { create } from 'zustand';
import { persist } from 'zustand/middleware';

/** Charts of a run, in the order in which they are shown. */
export const chartIds = [
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
] as const;
export type ChartId = (typeof chartIds)[number];

interface ChartPreferences {
  readonly axis: 'step' | 'epoch' | 'time';
  /** Weight of the moving average, 0…0.99. */
  readonly smoothing: number;
  readonly log: boolean;
  readonly shown: readonly ChartId[];
  readonly change: (change: Partial<Pick<ChartPreferences, 'axis' | 'smoothing' | 'log'>>) => void;
  readonly toggle: (chart: ChartId) => void;
}

const defaultCharts: readonly ChartId[] = [
  'loss',
  'validation-loss',
  'text-to-image@1',
  'image-to-text@1',
  'learning-rate',
  'gradient-norm',
  'images-per-second',
];

function withValidationLoss(stored: unknown): unknown {
  const shown = (stored as { readonly shown?: readonly ChartId[] } | null)?.shown;
  if (!Array.isArray(shown) || !shown.includes('loss')) return stored;
  return { ...(stored as object), shown: chartIds.filter((id) => id === 'validation-loss' || shown.includes(id)) };
}

/** How this reader likes charts drawn; the same for every run, and remembered. */
export const useChartPreferences = create<ChartPreferences>()(
  persist(
    (set, get) => ({
      axis: 'step',
      smoothing: 0.8,
      log: false,
      shown: defaultCharts,
      change: (change) => set(change),
      toggle(chart) {
        const { shown } = get();
        set({ shown: chartIds.filter((id) => shown.includes(id) !== (id === chart)) });
      },
    }),
    {
      name: 'vernier-charts',
      version: 2,
      // Version 1 drew both losses into one chart.
      migrate: (stored) => withValidationLoss(stored),
      partialize: ({ axis, smoothing, log, shown }) => ({ axis, smoothing, log, shown }),
    },
  ),
);
