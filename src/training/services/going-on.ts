import { messageOf, StudioError } from '../../protocol/errors';
import type { RunEvent } from '../../protocol/run-events';
import { noCheckpoint } from '../../runs/checkpoint-list';
import { changeOfComputer, type Computer } from '../../runs/computer';
import type { Run } from '../../runs/types';
import type { Checkpoints, NewestCheckpoint } from '../session/checkpoints';
import type { SessionSnapshot } from '../session/state';

/** Where a run goes on that was left, and what is to be said of it. */

/**
 * Where a run was left; at its beginning, where that will do or it was not left.
 *
 * @throws StudioError `no-checkpoint`
 */
export async function placeOf(run: Run | null, checkpoints: Checkpoints, needed: boolean): Promise<NewestCheckpoint> {
  if (run === null) return { snapshot: null, damaged: [] };
  const { snapshot, damaged } = await checkpoints.find().catch((error: unknown) => {
    throw new StudioError('internal', `The checkpoints of “${run.name}” could not be read (${messageOf(error)}).`);
  });
  if (snapshot === null) {
    if (needed) throw noCheckpoint(run.name, damaged.length > 0);
    return { snapshot, damaged };
  }
  const { state } = snapshot;
  await checkpoints.dropAfter(state.step);
  // A run whose patience had an end is given new patience by whoever goes on with it.
  const patient = run.state === 'early-stopping' ? { ...state.selection, without: 0 } : state.selection;
  return { snapshot: { ...snapshot, state: { ...state, selection: patient } }, damaged };
}

/** What is to be noted of a run that goes on. */
export function wentOn(
  from: SessionSnapshot | null,
  damaged: readonly number[],
  computer: Computer,
): readonly RunEvent[] {
  const common = { step: from?.state.step ?? 0, at: Date.now() };
  const change = changeOfComputer(from?.state.computer, computer);
  return [
    { kind: 'went-on', ...common },
    ...damaged.map((newest) => ({ kind: 'checkpoint-damaged', ...common, newest }) as const),
    ...(change === null ? [] : [{ kind: 'other-device', ...common, ...change } as const]),
  ];
}
