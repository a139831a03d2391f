import type { z } from 'zod';
import type { Recipe } from '../recipe/schema';
import { answering } from './answering';
import { captioning } from './captioning';
import { contrastive } from './contrastive';
import { classification } from './classification';
import type { TaskDescription } from './description';
import { regression } from './regression';

/** What a model can be taught. The lists of the worker and of the page are typed by this one. */
export const tasks = { contrastive, classification, regression, captioning, answering };

export type TaskId = keyof typeof tasks;
export type PredictionsOf<Id extends TaskId> = z.infer<(typeof tasks)[Id]['predictions']>;
export type ReportOf<Id extends TaskId> = z.infer<(typeof tasks)[Id]['report']>;

/** What a recipe teaches. */
export function taskIdOf({ task }: Pick<Recipe, 'task'>): TaskId {
  return task.type;
}

/** The description of what a recipe teaches. */
export function taskOf(recipe: Pick<Recipe, 'task'>): TaskDescription {
  return tasks[taskIdOf(recipe)];
}
