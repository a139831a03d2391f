import type { TaskId } from '../../tasks';
import { contrastiveView } from './contrastive';
import { imageClassificationView } from './image-classification';
import type { TaskView } from './view';

/** What the page shows of each task. */
export const taskViews: Readonly<Record<TaskId, TaskView>> = {
  contrastive: contrastiveView,
  'image-classification': imageClassificationView,
};
