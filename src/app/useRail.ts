import type { RunView, StageView } from './stages';

/** What the rail shows, put together from the stores. */
export function useRail(): {
  readonly stages: readonly StageView[];
  readonly runs: readonly RunView[];
  readonly adapter: { readonly line: string; readonly detail: string };
} {
  return {
    stages: [
      { path: 'data', label: 'Data', state: 'empty', detail: 'no pictures yet', fraction: null },
      { path: 'model', label: 'Model', state: 'empty', detail: 'none', fraction: null },
      { path: 'recipe', label: 'Recipe', state: 'empty', detail: 'none', fraction: null },
      { path: 'train', label: 'Train', state: 'empty', detail: 'needs pictures', fraction: null },
      { path: 'evaluate', label: 'Evaluate', state: 'empty', detail: 'after training', fraction: null },
      { path: 'playground', label: 'Playground', state: 'empty', detail: 'needs pictures', fraction: null },
      { path: 'export', label: 'Export', state: 'empty', detail: 'after training', fraction: null },
    ],
    runs: [],
    adapter: { line: 'Looking at this machine', detail: '' },
  };
}
