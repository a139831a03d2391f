import type { TaskId } from '../../tasks';
import { contrastiveView } from './contrastive';
import type { TaskView } from './view';

/** What the page shows of each task. */
export const taskViews: Readonly<Record<TaskId, TaskView>> = { contrastive: contrastiveView };
