import type { TaskId } from '.';
import { card as answering } from './answering/card';
import { card as captioning } from './captioning/card';
import type { TaskCard } from './card';
import { card as classification } from './classification/card';
import { card as contrastive } from './contrastive/card';
import { card as regression } from './regression/card';

/** What model cards say of each task. It lies beside the descriptions, which every page loads. */
export const cards: Readonly<Record<TaskId, TaskCard>> = {
  contrastive,
  classification,
  regression,
  captioning,
  answering,
};
