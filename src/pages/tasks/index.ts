import type { TaskId } from '../../tasks';
import { answeringView } from './answering';
import { captioningView } from './captioning';
import { contrastiveView } from './contrastive';
import { classificationView } from './classification';
import { regressionView } from './regression';
import type { TaskView } from './view';

/** What the page shows of each task. */
export const taskViews: Readonly<Record<TaskId, TaskView>> = {
  contrastive: contrastiveView,
  classification: classificationView,
  regression: regressionView,
  captioning: captioningView,
  answering: answeringView,
};
