import { taskPart } from '../../../recipe/fields';
import { classesIn, taughtOf } from '../../data/taught-view';
import type { OwnValues } from '../../features/weight-store';
import { TextSource } from '../../features/samples';
import { headShape } from '../heads/shape';
import { startingHead } from '../heads/start';
import { SupervisedTask } from '../heads/supervised';
import { templatesOf } from '../heads/zero-shot';
import { fillTemplate } from '../../label-template';
import type { TaskOptions, TrainingTask } from '../task';
import { classGoal, type ClassGoalOptions } from './class-goal';
import { setGoal } from './set-goal';

/** What a recipe teaches of a dataset: one class of each sample, a step of a scale, or some of several labels. */
function goalOptions({ view, recipe }: Pick<TaskOptions, 'view' | 'recipe'>): ClassGoalOptions {
  return { view: taughtOf(view), part: taskPart(recipe, 'classification'), labels: null, calibration: null };
}

/** What the task adds to the model, as training begins with it where it does not begin with words. */
export function classifierTensors({
  model,
  view,
  recipe,
}: Pick<TaskOptions, 'model' | 'view' | 'recipe'>): readonly OwnValues[] {
  const options = goalOptions({ view, recipe });
  const goal = options.part.labelKind === 'several' ? setGoal(options) : classGoal(options);
  const shape = headShape(options.part, model.architecture, goal);
  return [...startingHead(shape, recipe.seed, goal.bias), ...goal.constants];
}

/**
 * Telling classes apart by a head on one tower or both. The base model, which has no such head, is measured by what it makes of the classes in words
 * (zero-shot).
 */
export async function classificationTask(options: TaskOptions): Promise<TrainingTask> {
  const taught = goalOptions(options);
  const { view, part } = taught;
  // What picture and words mean together cannot be said in a sentence around the name of a class.
  const startFromWords = part.headStart === 'words' && part.input !== 'both';
  const common = { ...options, view, part, startFromWords };
  const { architecture } = options.model;
  const notes = cutNotes(options);
  if (part.labelKind === 'several') {
    const goal = setGoal(taught);
    return SupervisedTask.create({ ...common, goal, notes, shape: headShape(part, architecture, goal) });
  }
  const goal = classGoal(taught);
  return SupervisedTask.create({ ...common, goal, notes, shape: headShape(part, architecture, goal) });
}

/** What is to be said where classes in words are longer than the model reads. */
function cutNotes({ model, view, recipe }: Pick<TaskOptions, 'model' | 'view' | 'recipe'>): readonly string[] {
  const { part } = goalOptions({ view, recipe });
  const { classes } = classesIn(taughtOf(view));
  const sentences = templatesOf(part.promptTemplate).flatMap((template) =>
    classes.map((label) => fillTemplate(template, label)),
  );
  return new TextSource(model, sentences).truncated === 0
    ? []
    : ['In words, some classes are longer than the model can read and are cut at their end.'];
}
