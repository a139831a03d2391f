import { useMemo } from 'react';
import { useDataStore } from '../stores/data';
import { countSplits, type SplitCounts } from '../stores/readiness';
import { useRecipeStore } from '../stores/recipe';
import { taskIdOf, tasks, type TaskId } from '../tasks';

/** The counts of the dataset in use, as its captions have them. */
export function useCaptionCounts(): SplitCounts {
  const images = useDataStore((state) => state.images);
  return useMemo(() => countSplits(images), [images]);
}

/** The counts of the dataset in use, by what the recipe teaches from: captions or labels. */
export function useSplitCounts(): SplitCounts {
  return useTaskCounts(useRecipeStore(({ recipe }) => taskIdOf(recipe)));
}

/** The same for any task. */
export function useTaskCounts(task: TaskId): SplitCounts {
  const images = useDataStore((state) => state.images);
  const dataset = useDataStore((state) => state.dataset);
  const labelled = tasks[task].from === 'labels' ? dataset : null;
  return useMemo(() => countSplits(images, labelled), [images, labelled]);
}
