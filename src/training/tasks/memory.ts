import type { Architecture } from '../../model/families/family';
import type { RunGraphs, TowerPlan } from '../../model/memory';
import type { Recipe } from '../../recipe/schema';

/** What of a task decides the memory of its runs. */
export interface TaskMemory extends RunGraphs {
  /** The towers that training runs, and what is read of them. */
  readonly towers: readonly Omit<TowerPlan, 'cached'>[];
  /** Names of tensors that are trained beside the model's own. */
  readonly ownTrained: readonly string[];
}

/** What the memory of a run is asked for with. */
export interface MemoryQuestion {
  readonly recipe: Pick<Recipe, 'task'>;
  readonly architecture: Architecture;
  /** Distinct captions, or labels, of the pictures. */
  readonly texts: number;
}
