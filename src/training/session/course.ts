import type { RunEvent } from '../../protocol/run-events';
import type { Recipe } from '../../recipe/schema';
import { learningRateAt, scheduleOf, type Schedule } from './schedule';

/** From one step on: the highest rate, and which place of the recipe's schedule each step takes. */
interface Stretch {
  /** Holds for the steps after this one. */
  readonly after: number;
  readonly peak: number;
  /** Place in the schedule of the step `after`, and how far each later one moves on. */
  readonly place: number;
  readonly pace: number;
}

/**
 * Learning rate and length of a run: those of its recipe, and from the steps of its events on what was made of them. It follows from the record alone,
 * so that a run that goes on from an earlier step takes each change where it was made.
 *
 * A run that is made longer or shorter takes what is left of its schedule more slowly or faster, without a jump. One that had come to its end takes
 * the schedule behind the warm-up once more.
 */
export class Course {
  private readonly schedule: Schedule;
  private stretches: Stretch[];
  private total: number;
  /** The step behind which it got its length; 0 where it has that of its recipe. */
  private lengthened = 0;

  /** @param planned steps that the run was planned with, before any event */
  constructor(recipe: Recipe, planned: number, events: readonly RunEvent[] = []) {
    this.schedule = scheduleOf(recipe, planned);
    this.stretches = [{ after: 0, peak: this.schedule.peak, place: 0, pace: 1 }];
    this.total = planned;
    for (const event of events) this.take(event);
  }

  get totalSteps(): number {
    return this.total;
  }

  /** The highest rate from the step after the given one on. */
  peakAfter(step: number): number {
    return this.stretchAfter(step).peak;
  }

  /** Learning rate of a step, 1 for the first. */
  rateAt(step: number): number {
    const { peak, ...stretch } = this.stretchAfter(step - 1);
    return learningRateAt({ ...this.schedule, peak }, placeOf(stretch, step));
  }

  /** Takes in an event, which overrides what earlier ones said of the steps behind it. */
  take(event: RunEvent): void {
    if (event.kind === 'rate' || event.kind === 'rolled-back') {
      const { after, place, pace } = this.stretchAfter(event.step);
      const at = after + Math.max(0, event.step - after);
      const overridden = this.lengthened > at;
      this.add({ after: at, peak: event.to, place: place + pace * (at - after), pace });
      // The run stays as long as it was made behind there.
      if (overridden) this.take({ kind: 'length', step: at, at: event.at, from: this.total, to: this.total });
    } else if (event.kind === 'length') {
      const { peak, ...stretch } = this.stretchAfter(event.step);
      const { totalSteps, warmupSteps } = this.schedule;
      const over = event.step >= this.total;
      const place = over ? warmupSteps : placeOf(stretch, event.step);
      this.total = event.to;
      this.lengthened = event.step;
      this.add({ after: event.step, peak, place, pace: (totalSteps - place) / Math.max(1, event.to - event.step) });
    }
  }

  private add(stretch: Stretch): void {
    this.stretches = [...this.stretches.filter(({ after }) => after < stretch.after), stretch];
  }

  /** The stretch that holds for the steps after the given one. */
  private stretchAfter(step: number): Stretch {
    const found = this.stretches.findLast(({ after }) => after <= step) ?? this.stretches[0];
    if (found === undefined) throw new Error('A course has a first stretch.');
    return found;
  }
}

/** The course of a run that nothing comes between but what its recipe plans. */
export function plannedCourse(recipe: Recipe, planned: number): Course {
  const course = new Course(recipe, planned);
  for (const change of recipe.changes) {
    // What lies behind its end is never reached.
    if (change.step > course.totalSteps) continue;
    const at = { step: change.step, at: 0, from: 0 };
    if (change.kind === 'rate') course.take({ kind: 'rate', ...at, to: change.to });
    if (change.kind === 'length') course.take({ kind: 'length', ...at, to: Math.max(change.step, change.to) });
  }
  return course;
}

function placeOf({ after, place, pace }: Omit<Stretch, 'peak'>, step: number): number {
  return place + pace * (step - after);
}
