import { z } from 'zod';
import { answeringTask } from './answering';
import { captioningTask } from './captioning';
import { contrastiveTask } from './contrastive';
import { classificationTask } from './classification';
import { regressionTask } from './regression';

/** What a model can be taught, each with the fields that concern it alone. The first is the one that a recipe starts with. */
export const taskSchemas = [
  contrastiveTask,
  classificationTask,
  regressionTask,
  captioningTask,
  answeringTask,
] as const;

export const taskSchema = z.discriminatedUnion('type', taskSchemas);
