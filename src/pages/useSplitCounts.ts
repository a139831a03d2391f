import { useMemo } from 'react';
import type { TaughtBy } from '../dataset/taught';
import { useDataStore } from '../stores/data';
import { countSplits, type SplitCounts } from '../stores/readiness';
import { useRecipeStore } from '../stores/recipe';
import { taskIdOf, taskOf, tasks, type TaskId } from '../tasks';

/** The counts of the dataset in use, by what the recipe teaches from: captions, labels, … */
export function useSplitCounts(): SplitCounts {
  return useTaskCounts(useRecipeStore(({ recipe }) => taskIdOf(recipe)));
}

/** The same for any task. */
export function useTaskCounts(task: TaskId): SplitCounts {
  const images = useDataStore((state) => state.images);
  const dataset = useDataStore((state) => state.dataset);
  const by = tasks[task].from;
  return useMemo(() => countSplits(images, dataset, by), [images, dataset, by]);
}

/** What the recipe teaches from. */
export function useTaughtBy(): TaughtBy {
  return useRecipeStore(({ recipe }) => taskOf(recipe).from);
}
