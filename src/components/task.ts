/** Long work as the page sees it. Plain data, so that a store can keep it and rate and time left follow from it alone. */
export interface TaskProgress {
  readonly label: string;
  readonly done: number;
  /** Null when unknown. */
  readonly total: number | null;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly updatedAt: number;
  /** How much was done when the current label began: phases count anew. */
  readonly phaseStartedAt: number;
}

/** The moment work begins, before anything is known of it. */
export function startTask(label: string, now = Date.now()): TaskProgress {
  return { label, done: 0, total: null, startedAt: now, updatedAt: now, phaseStartedAt: now };
}

/** The task after a progress message. A new label starts a new phase, whose rate is measured on its own. */
export function advanceTask(
  task: TaskProgress,
  progress: { readonly label: string; readonly done: number; readonly total: number | null },
  now = Date.now(),
): TaskProgress {
  const samePhase = progress.label === task.label && progress.done >= task.done;
  return {
    label: progress.label,
    done: progress.done,
    total: progress.total,
    startedAt: task.startedAt,
    updatedAt: now,
    phaseStartedAt: samePhase ? task.phaseStartedAt : now,
  };
}

/** Units a second and seconds left; null before half a second has passed or while the total is unknown. */
export function taskPace(task: TaskProgress): { readonly rate: number | null; readonly secondsLeft: number | null } {
  const seconds = (task.updatedAt - task.phaseStartedAt) / 1000;
  if (seconds < 0.5 || task.done <= 0) return { rate: null, secondsLeft: null };
  const rate = task.done / seconds;
  return { rate, secondsLeft: task.total === null ? null : Math.max(0, (task.total - task.done) / rate) };
}
