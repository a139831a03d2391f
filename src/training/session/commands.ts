import type { RunChange, StopKeeping } from '../../protocol/run-control';
import type { SessionSnapshot } from './state';

/** What a session has been told and has not done yet: it looks here between two steps. */
export class Commands {
  paused = false;
  stopping = false;
  /** What a stop keeps. */
  keep: StopKeeping = 'as-planned';
  evaluation = false;
  checkpoint = false;
  changes: RunChange[] = [];
  /** An evaluation is under way. */
  evaluating = false;
  /** It is wanted no more, nor is the last one of a run that is being stopped. */
  cutShort = false;
  /** It is wanted no more, and the run goes on. */
  cancelled = false;
  /** The run has failed: what still works for it ends as soon as it can. */
  abandoned = false;
  /** Those who asked for a snapshot and have none yet. */
  private wanted: ((snapshot: SessionSnapshot | null) => void)[] = [];
  private wake: (() => void) | null = null;
  private over = false;

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.wake?.();
  }

  stop(keep: StopKeeping): void {
    if (this.evaluating || keep === 'nothing') this.cutShort = true;
    this.stopping = true;
    this.keep = keep;
    this.wake?.();
  }

  evaluateNow(): void {
    this.evaluation = true;
    this.wake?.();
  }

  cancelEvaluation(): void {
    this.evaluation = false;
    if (this.evaluating) this.cancelled = true;
  }

  checkpointNow(): void {
    this.checkpoint = true;
    this.wake?.();
  }

  change(change: RunChange): void {
    this.changes.push(change);
    this.wake?.();
  }

  snapshot(): Promise<SessionSnapshot | null> {
    return new Promise((resolve) => {
      this.wanted.push(resolve);
      if (this.over) this.answer(null);
      else this.wake?.();
    });
  }

  get wantsSnapshot(): boolean {
    return this.wanted.length > 0;
  }

  answer(snapshot: SessionSnapshot | null): void {
    for (const resolve of this.wanted.splice(0)) resolve(snapshot);
  }

  /** There will be no further step: who still waits gets nothing. */
  end(): void {
    this.over = true;
    this.answer(null);
  }

  /** Resolves when there is something to do for a session that is held. */
  async somethingToDo(): Promise<void> {
    const { paused, stopping, evaluation, checkpoint, changes, wantsSnapshot } = this;
    if (!paused || stopping || evaluation || checkpoint || changes.length > 0 || wantsSnapshot) return;
    await new Promise<void>((resolve) => (this.wake = resolve));
    this.wake = null;
  }
}
