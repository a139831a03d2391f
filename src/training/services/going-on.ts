import { messageOf, StudioError } from '../../protocol/errors';
import type { RunEvent } from '../../protocol/run-events';
import { noCheckpoint } from '../../runs/checkpoint-list';
import { changeOfComputer, type Computer } from '../../runs/computer';
import type { Run, RunBase } from '../../runs/types';
import type { DatasetView } from '../data/dataset-view';
import type { RunPlan } from '../data/plan';
import type { Checkpoints, NewestCheckpoint } from '../session/checkpoints';
import type { SessionSnapshot } from '../session/state';

/** Where a run goes on that was left, whether it may, and what is to be said of it. */

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

/** In how many parts a run that goes on computes its batches: those of its recipe, or what memory made of them. */
export function partsOf({ events }: Run, planned: RunPlan): number {
  const changed = events.findLast((event) => event.kind === 'micro-batches');
  return changed === undefined ? planned.microBatches : changed.to;
}

/**
 * A run goes on only with what it began with: anything else would be another run.
 *
 * @throws StudioError `mismatch`
 */
export function refuseOther(left: Run, view: DatasetView, base: RunBase): void {
  const changed =
    view.fingerprint !== left.dataset.fingerprint
      ? `the pictures, captions or splits of “${left.dataset.name}” have changed`
      : left.base !== null && left.base.digest !== base.digest
        ? 'its base model is another now'
        : null;
  if (changed === null) return;
  throw new StudioError(
    'mismatch',
    `“${left.name}” cannot go on: ${changed} since it began. Undo the change, or start a new run with its recipe.`,
  );
}
