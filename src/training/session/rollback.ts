import { EngineError } from '../../engine/executor';
import { because } from '../../protocol/run-event-words';
import type { StepTrouble } from '../../protocol/run-events';
import type { Course } from './course';
import type { EventLog } from './event-log';
import type { Position } from './position';
import type { Readings } from './readings';
import type { SessionOptions } from './session-options';

/** By how much the rate is lowered where a run goes back, and how often it does. */
const lowered = 1 / 3;
const mostReturns = 3;

interface RollbackOptions extends Pick<SessionOptions, 'recorder' | 'checkpoints' | 'beginning'> {
  readonly course: Course;
  readonly events: EventLog;
  readonly position: Position;
  readonly readings: Readings;
}

/**
 * Goes back to the last good checkpoint of a run that has diverged, or to its beginning, and lowers the rate. A checkpoint that has been gone back to
 * before led into the same trouble: it is left out.
 *
 * @throws EngineError `not-finite` with the reasons, where it has gone back too often or cannot
 */
export async function goBack(reason: StepTrouble, options: RollbackOptions): Promise<void> {
  const { recorder, checkpoints = null, beginning, course, events, position, readings } = options;
  const since = position.step;
  const returns = recorder.record.events.filter((event) => event.kind === 'rolled-back');
  if (returns.length >= mostReturns || beginning === undefined) throw givenUp(reason, since, returns.length);
  const before = returns.at(-1)?.step;
  if (before !== undefined && before > 0) {
    const newest = await checkpoints?.newest();
    if (newest?.state.step === before) await checkpoints?.dropAfter(before - 1);
  }
  readings.forget();
  const from = course.peakAfter(since);
  const snapshot = (await checkpoints?.newest()) ?? null;
  if (snapshot !== null) await position.restore(snapshot);
  else await position.startOver(beginning);
  const { step } = position;
  await events.note({ kind: 'rolled-back', step, at: Date.now(), since, reason, from, to: lowered * from });
}

/** Why a run is not tried once more. */
function givenUp(reason: StepTrouble, step: number, returns: number): EngineError {
  const tried =
    returns === 0
      ? ''
      : ` It has gone back ${returns === 1 ? 'once' : `${returns} times`}, each time with a third of the learning rate.`;
  const advice =
    reason === 'zero-loss'
      ? 'The GPU dropped the work. Reload the page, or train on the CPU.'
      : 'Training diverged. Lower the learning rate, lengthen the warm-up or clip gradients, and start again.';
  const what = because[reason];
  return new EngineError(
    'not-finite',
    `${what.charAt(0).toUpperCase()}${what.slice(1)} up to step ${step}.${tried} ${advice}`,
  );
}
