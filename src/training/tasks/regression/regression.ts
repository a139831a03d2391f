import { taskPart } from '../../../recipe/fields';
import { taughtOf } from '../../data/taught-view';
import type { OwnValues } from '../../features/weight-store';
import { headShape } from '../heads/shape';
import { startingHead } from '../heads/start';
import { SupervisedTask } from '../heads/supervised';
import type { TaskOptions, TrainingTask } from '../task';
import { numberGoal, type NumberGoalOptions } from './number-goal';

function goalOptions({ view, recipe }: Pick<TaskOptions, 'view' | 'recipe'>): NumberGoalOptions {
  return { view: taughtOf(view), part: taskPart(recipe, 'regression'), scales: null };
}

/** What the task adds to the model. */
export function regressionTensors({
  model,
  view,
  recipe,
}: Pick<TaskOptions, 'model' | 'view' | 'recipe'>): readonly OwnValues[] {
  const options = goalOptions({ view, recipe });
  return startingHead(headShape(options.part, model.architecture, numberGoal(options)), recipe.seed, null);
}

/** Rating by a head on one tower or both. The base model, which knows no numbers, is measured by the mean of the training samples. */
export async function regressionTask(options: TaskOptions): Promise<TrainingTask> {
  const taught = goalOptions(options);
  const { view, part } = taught;
  const goal = numberGoal(taught);
  const shape = headShape(part, options.model.architecture, goal);
  return SupervisedTask.create({ ...options, view, part, goal, shape, startFromWords: false, notes: [] });
}
