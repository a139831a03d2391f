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

interface LeftPlace extends NewestCheckpoint {
  /** The patience of its early stop had an end, and begins anew. */
  readonly patience: boolean;
}

/**
 * Where a run was left; at its beginning, where that will do or it was not left.
 *
 * @throws StudioError `no-checkpoint`
 */
export async function placeOf(run: Run | null, checkpoints: Checkpoints, needed: boolean): Promise<LeftPlace> {
  if (run === null) return { snapshot: null, damaged: [], patience: false };
  const { snapshot, damaged } = await checkpoints.find().catch((error: unknown) => {
    throw new StudioError('internal', `The checkpoints of “${run.name}” could not be read (${messageOf(error)}).`);
  });
  if (snapshot === null) {
    if (needed) throw noCheckpoint(run.name, damaged.length > 0);
    return { snapshot, damaged, patience: false };
  }
  const { state } = snapshot;
  await checkpoints.dropAfter(state.step);
  const patience = impatient(run, state);
  const selection = patience ? { ...state.selection, without: 0 } : state.selection;
  return { snapshot: { ...snapshot, state: { ...state, selection } }, damaged, patience };
}

/** Whether the patience of a run that had ended had an end too: whoever goes on with it gives it new patience. */
function impatient({ state, recipe }: Run, { selection }: SessionSnapshot['state']): boolean {
  if (state === 'early-stopping') return true;
  return state === 'finished' && recipe.earlyStopping && selection.without >= recipe.patience;
}

/** What is to be noted of a run that goes on. */
export function wentOn({ snapshot: from, damaged, patience }: LeftPlace, computer: Computer): readonly RunEvent[] {
  const common = { step: from?.state.step ?? 0, at: Date.now() };
  const change = changeOfComputer(from?.state.computer, computer);
  return [
    { kind: 'went-on', ...common, ...(patience ? { patience } : {}) },
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
