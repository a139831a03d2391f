import type { RunChange } from '../../protocol/run-control';
import type { RunEvent } from '../../protocol/run-events';
import type { PlannedChange } from '../../recipe/changes';
import type { SessionOptions } from './session-options';

/** Ends a session whose recipe plans batches in other parts from here on: another one goes on from the checkpoint that was just made. */
export class PartsPlanned extends Error {
  constructor(readonly parts: number) {
    super(`Batches are computed in ${parts} parts from here on.`);
  }
}

type CourseChange = Extract<PlannedChange, { readonly kind: 'rate' | 'length' }>;

/**
 * What the recipe plans to be changed on the way. Behind its step each change is made as if the user asked for it there, once: where the run has gone
 * back since, what was done then stands in its record.
 */
export class PlannedChanges {
  private readonly made = new Set<PlannedChange>();

  constructor(private readonly session: Pick<SessionOptions, 'recipe' | 'plan' | 'recorder' | 'recovers'>) {}

  /** Whether rate or length are to be changed behind a step. */
  due(step: number): boolean {
    return this.changesAt(step).length > 0;
  }

  /** Takes the changes of rate and length behind a step, in their order. */
  take(step: number): readonly RunChange[] {
    const changes = this.changesAt(step);
    for (const change of changes) this.made.add(change);
    return changes.map(({ kind, to }) => (kind === 'rate' ? { learningRate: to } : { totalSteps: to }));
  }

  /** Whether an evaluation is wanted behind a step. */
  evaluates(step: number): boolean {
    return this.at(step).some(({ kind }) => kind === 'evaluation');
  }

  /** Whether the patience of an early stop begins anew behind a step. */
  renewsPatience(step: number): boolean {
    return this.at(step).some(({ kind }) => kind === 'patience');
  }

  /** What ends this session for one that computes batches in more parts; null where nothing does. */
  partsAt(step: number): PartsPlanned | null {
    const { plan, recovers } = this.session;
    const most = Math.max(0, ...this.at(step).map((change) => (change.kind === 'micro-batches' ? change.to : 0)));
    const planned = new PartsPlanned(most);
    return most > plan.microBatches && recovers?.(planned) === true ? planned : null;
  }

  private at(step: number): readonly PlannedChange[] {
    return this.session.recipe.changes.filter((change) => change.step === step);
  }

  private changesAt(step: number): readonly CourseChange[] {
    const { events } = this.session.recorder.record;
    return this.at(step)
      .filter(isOfCourse)
      .filter((change) => !this.made.has(change) && !events.some((event) => isOf(event, change)));
  }
}

function isOfCourse(change: PlannedChange): change is CourseChange {
  return change.kind === 'rate' || change.kind === 'length';
}

/** Whether an event tells of a change. */
function isOf(event: RunEvent, change: CourseChange): boolean {
  return event.kind === change.kind && event.step === change.step && event.to === change.to;
}
