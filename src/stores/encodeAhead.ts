import type { Run } from '../runs/types';
import { weightsOf } from './chosenWeights';
import { client } from './client';
import { useDataStore } from './data';
import { useRunStore } from './run';

/**
 * Has the pictures of the dataset in use encoded by a run's model and by its base model, so that the first search in the Playground is answered at once.
 * A run that begins comes first: what is not encoded by then waits until somebody asks.
 */
export async function encodeAhead(run: Run): Promise<void> {
  const { dataset, images } = useDataStore.getState();
  const query = images.find(({ captions }) => captions.length > 0)?.captions[0];
  if (run.recipe.task.type !== 'contrastive' || dataset?.id !== run.dataset.id || query === undefined) return;
  const controller = new AbortController();
  const stop = useRunStore.subscribe(({ active }) => {
    if (active !== null) controller.abort();
  });
  try {
    for (const weights of [weightsOf(run, run.recipe.model), weightsOf(null, run.recipe.model)]) {
      if (useRunStore.getState().active !== null) return;
      await client.request(
        'searchImages',
        { weights, datasetId: dataset.id, query, count: 1 },
        { signal: controller.signal },
      );
    }
  } catch {
    // Whoever searches is told what is wrong.
  } finally {
    stop();
  }
}
