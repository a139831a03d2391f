import { mostChanges, sameChange, type PlannedChange } from '../recipe/changes';
import type { Recipe } from '../recipe/schema';
import type { Run } from './types';

type Repeated = Pick<Run, 'recipe' | 'plan' | 'events' | 'evaluations' | 'stepsDone' | 'totalSteps'>;

/**
 * The recipe that makes the run again: the one that it began with, and what was made of it on the way. Whatever set a rate, a length or a number of
 * parts, a hand or trouble that the run got over, did it behind a step, so a new run does the same there. That a run was stopped is none of it: a new
 * one passes through the same numbers and goes on.
 */
export function repeatableRecipe(run: Repeated): Recipe {
  const { recipe } = run;
  const made = madeOf(run);
  const parts = made.findLast(({ kind, step }) => kind === 'micro-batches' && step === 0);
  const changes = made.filter((change) => change.kind !== 'micro-batches' || change.step > 0);
  return {
    ...recipe,
    changes: changes.slice(0, mostChanges),
    // Parts from the beginning on are a field of their own.
    ...(parts?.kind === 'micro-batches' && run.plan !== null
      ? { microBatchSize: Math.ceil(run.plan.batchSize / parts.to) }
      : {}),
  };
}

/** Why a new run may come to other numbers all the same, in sentences; empty where it comes to the same. */
export function beyondRecipe(run: Repeated & Pick<Run, 'weightsStep'>): readonly string[] {
  const { recipe, events, weightsStep } = run;
  const moved = events.find(({ kind }) => kind === 'other-device');
  const left = events.find(
    (event) =>
      event.kind === 'rolled-back' && weightsStep !== null && event.step < weightsStep && weightsStep <= event.since,
  );
  return [
    ...(recipe.model.startsWith('local/')
      ? [
          'It started from a model of your own disk, which the recipe only names: elsewhere, open the same model files first.',
        ]
      : []),
    ...(moved === undefined
      ? []
      : [
          `It went on on another device behind step ${moved.step}, which no recipe can ask for: from there on numbers may differ in their last digits.`,
        ]),
    ...(left === undefined
      ? []
      : [`Its best weights are of a step that it went back from, so that a new run never gets there.`]),
    ...(madeOf(run).length > mostChanges
      ? [`It was changed more often than a recipe can hold: only the first ${mostChanges} changes are in it.`]
      : []),
  ];
}

/** All that was changed, in the order in which it took effect, and what is still to come. */
function madeOf({ recipe, plan, events, evaluations, stepsDone, totalSteps }: Repeated): readonly PlannedChange[] {
  const every = plan?.evaluateEvery ?? 0;
  const asked = evaluations
    // That of the end comes by itself.
    .filter(({ step }) => every > 0 && step > 0 && step % every !== 0 && step !== totalSteps)
    .map(({ step }): PlannedChange => ({ kind: 'evaluation', step }));
  const happened = [...asked, ...events.reduce(taken, [])];
  const planned = recipe.changes.filter(
    (change) => (unnoted(change) || change.step >= stepsDone) && !happened.some((made) => sameChange(made, change)),
  );
  return [...planned, ...happened].sort((a, b) => a.step - b.step);
}

/** Changes that leave no event when they are made. */
function unnoted({ kind }: PlannedChange): boolean {
  return kind === 'evaluation' || kind === 'patience';
}

/** The changes with what an event has made of them: it overrides those behind it, save that the run stays as long as it was made. */
function taken(changes: readonly PlannedChange[], event: Run['events'][number]): readonly PlannedChange[] {
  const { step } = event;
  switch (event.kind) {
    case 'rate':
    case 'rolled-back': {
      const length = changes.findLast(({ kind }) => kind === 'length');
      const longer = length !== undefined && length.step > step ? [{ ...length, step }] : [];
      return [...before(changes, step), { kind: 'rate', step, to: event.to }, ...longer];
    }
    case 'length':
      return [...before(changes, step), { kind: 'length', step, to: event.to }];
    case 'micro-batches':
      return [...changes, { kind: 'micro-batches', step, to: event.to }];
    case 'went-on':
      return event.patience === true ? [...changes, { kind: 'patience', step }] : changes;
    default:
      return changes;
  }
}

/** Those that an event behind a step leaves. */
function before(changes: readonly PlannedChange[], step: number): readonly PlannedChange[] {
  return changes.filter((change) => change.step <= step || (change.kind !== 'rate' && change.kind !== 'length'));
}
