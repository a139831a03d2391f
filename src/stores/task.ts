/** Files, pictures and the like, or bytes. */
export type TaskUnit = 'items' | 'bytes';

/** Long work as the page shows it: how far, how fast, how long still. */
export interface TaskProgress {
  readonly label: string;
  /** What `done` and `total` count. */
  readonly unit: TaskUnit;
  readonly done: number;
  /** Null when unknown. */
  readonly total: number | null;
  /** Units a second in this phase; null until it can be told. */
  readonly rate: number | null;
  readonly secondsLeft: number | null;
  /** When this phase began and how much was done by then; milliseconds since the epoch. */
  readonly phase: { readonly at: number; readonly done: number };
}

/** The moment work begins, before anything is known of it. */
export function startTask(label: string, unit: TaskUnit = 'items', now = Date.now()): TaskProgress {
  return { label, unit, done: 0, total: null, rate: null, secondsLeft: null, phase: { at: now, done: 0 } };
}

/** A rate from less than this is a guess. */
const minSeconds = 0.5;

/** What is heard of work under way; where nothing is said of the unit, a known label keeps its own. */
export interface TaskMessage {
  readonly label: string;
  readonly done: number;
  readonly total: number | null;
  readonly unit?: TaskUnit;
}

/** The task after a progress message. A new label, or a count that falls back, starts a phase whose rate is measured on its own. */
export function advanceTask(task: TaskProgress, progress: TaskMessage, now = Date.now()): TaskProgress {
  const { label, done, total } = progress;
  const unit = progress.unit ?? (label === task.label ? task.unit : 'items');
  const samePhase = label === task.label && done >= task.done;
  const phase = samePhase ? task.phase : { at: now, done };
  const seconds = (now - phase.at) / 1000;
  const rate = seconds < minSeconds || done <= phase.done ? null : (done - phase.done) / seconds;
  const secondsLeft = rate === null || total === null ? null : Math.max(0, total - done) / rate;
  return { label, unit, done, total, rate, secondsLeft, phase };
}
