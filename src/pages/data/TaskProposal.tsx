import { useMemo } from 'react';
import { Button } from '../../components/Button';
import { catalogue } from '../../model/catalogue';
import { useDataStore } from '../../stores/data';
import { useModelStore } from '../../stores/model';
import { modelFor, proposedTask } from '../../stores/proposal';
import { useRecipeStore } from '../../stores/recipe';
import { setUp } from '../../stores/setup';
import { taskIdOf } from '../../tasks';
import { useSplitCounts } from '../useSplitCounts';
import styles from './TaskProposal.module.css';

/** The task that fits the columns of the dataset in use, in a sentence with a button that takes it; nothing where the recipe teaches it already. */
export function TaskProposal() {
  const dataset = useDataStore((state) => state.dataset);
  const images = useDataStore((state) => state.images);
  const model = useModelStore((state) => state.model);
  const task = useRecipeStore(({ recipe }) => taskIdOf(recipe));
  const { train, validation, test } = useSplitCounts();
  const proposal = useMemo(
    () => (dataset === null ? null : proposedTask(dataset, images, model)),
    [dataset, images, model],
  );
  if (proposal === null || proposal.task === task) return null;
  const other = modelFor(proposal.task, model);
  const named = other === null ? null : (catalogue.find(({ id }) => id === other)?.name ?? other);
  // What is set fits as well: this is only another thing that one might do.
  const fits = train + validation + test > 0;
  return (
    <p className={styles['proposal']} data-urgent={!fits || undefined}>
      <span>
        {proposal.because}
        {named !== null && ` It takes a model that can, such as ${named}.`}
      </span>
      <Button
        size="s"

        onClick={() => setUp({ task: proposal.task, change: proposal.change })}
      >
        {proposal.action}
        {named !== null && ` with ${named}`}
      </Button>
    </p>
  );
}
