import type { TaskProgress } from './task';

/** Something long that the page started and may end. */
export interface Job {
  readonly task: TaskProgress;
  readonly cancel: () => void;
}
