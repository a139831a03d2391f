import type { RunPhase, StepMetrics, TrainingEvent } from '../../protocol/training';

/** Least time between events of a kind, each of which the page shows. */
const stepsEvery = 150;
const phaseEvery = 400;
const changeEvery = 250;

/** Phases that follow each other all through a run and are announced again and again: a short one may go unseen. */
const recurring: ReadonlySet<RunPhase | null> = new Set<RunPhase>(['training', 'evaluating']);

/** Sends a run's events to the page: step metrics in bundles, the rest at once. */
export class Reporter {
  private waiting: StepMetrics[] = [];
  private secondsLeft: number | null = null;
  private stepsSent = -Infinity;
  private phaseSent = -Infinity;
  private phaseShown: RunPhase | null = null;

  constructor(
    private readonly runId: string,
    private readonly send: (event: TrainingEvent) => void,
    private readonly now: () => number,
  ) {}

  /** Announces a phase; repetitions of the current one with other details, and changes between recurring ones, are thinned out. */
  phase(phase: RunPhase, detail: string, fraction: number | null = null): void {
    const now = this.now();
    const shownFor = now - this.phaseSent;
    if (phase === this.phaseShown && shownFor < phaseEvery) return;
    if (recurring.has(phase) && recurring.has(this.phaseShown) && shownFor < changeEvery) return;
    this.flush();
    this.phaseShown = phase;
    this.phaseSent = now;
    this.send({ type: 'phase', runId: this.runId, phase, detail, fraction });
  }

  /** Takes steps for the next bundle and sends it when it is due. */
  steps(rows: readonly StepMetrics[], secondsLeft: number | null): void {
    this.waiting.push(...rows);
    this.secondsLeft = secondsLeft;
    if (this.now() - this.stepsSent >= stepsEvery) this.flush();
  }

  /** Sends the steps that wait, so that what comes next is seen after them. */
  flush(): void {
    if (this.waiting.length === 0) return;
    const steps = this.waiting;
    this.waiting = [];
    this.stepsSent = this.now();
    this.send({ type: 'steps', runId: this.runId, steps, secondsLeft: this.secondsLeft });
  }

  /** Sends an event after all steps that came before it. */
  event(event: TrainingEvent): void {
    this.flush();
    this.send(event);
  }
}
