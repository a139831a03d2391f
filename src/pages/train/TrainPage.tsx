import { useState } from 'react';
import { useDataStore } from '../../stores/data';
import { countSplits } from '../../stores/readiness';
import { useRecipeStore } from '../../stores/recipe';
import { useRunStore } from '../../stores/run';
import { taskOf } from '../../tasks';
import { LiveView } from './LiveView';
import { wouldDiffer } from './nextRun';
import { StartView } from './StartView';

/**
 * Starts runs, and shows the one in progress. Its result stays here until one comes back with another recipe or other data: then the next run is
 * what one came for.
 */
export default function TrainPage() {
  const live = useRunStore((state) => state.live);
  // Asked once a visit, so that no result vanishes while it is looked at.
  const [putAway] = useState(outdatedRun);
  return live === null || live.runId === putAway ? <StartView /> : <LiveView live={live} />;
}

/** The run that has ended and that another would not repeat; null where there is none. */
function outdatedRun(): string | null {
  const { live, runs } = useRunStore.getState();
  if (live === null || live.end === null) return null;
  const { dataset, images } = useDataStore.getState();
  const { recipe } = useRecipeStore.getState();
  const setup = {
    recipe,
    datasetId: dataset?.id ?? null,
    counts: countSplits(images, dataset, taskOf(recipe).from),
  };
  const stored = runs?.find(({ id }) => id === live.runId);
  return wouldDiffer(live, stored, setup) ? live.runId : null;
}
