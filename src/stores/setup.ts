import type { Fix } from '../recipe/checks';
import { hasField, type RecipeChange, type RecipeKey } from '../recipe/fields';
import { changedKeys, type PresetId } from '../recipe/presets';
import { machineOf } from './readiness';
import { useMachineStore } from './machine';
import { useModelStore } from './model';
import { modelFor } from './proposal';
import { useRecipeStore } from './recipe';
import { taskIdOf, type TaskId } from '../tasks';

/** What is to be taught, and how, as far as it is said. */
export interface Setup {
  readonly task: TaskId;
  /** Null: whichever model is open, if it can be taught the task. */
  readonly model?: string | null;
  /** Null: the settings stay as they are, but for the task. On a machine without a GPU it is the quick one. */
  readonly preset?: PresetId | null;
  /** Fields that are set besides. */
  readonly change?: RecipeChange;
}

/** Sets the recipe up for a task, and opens the model that it needs. */
export function setUp({ task, model = null, preset = null, change = {} }: Setup): void {
  useRecipeStore.getState().change({ task });
  if (preset !== null) applyWithin(preset, change);
  else takeChange(change);
  const { model: opened, opening, changeTo } = useModelStore.getState();
  const wanted = model ?? modelFor(task, opened);
  if (wanted !== null) void changeTo(wanted);
  else if (opening !== null) fitOnceOpened(task);
}

/** Changes the recipe as a finding proposes, and opens the model that it names then. */
export function takeFix(fix: Fix): void {
  useRecipeStore.getState().applyFix(fix);
  const wanted = 'change' in fix ? fix.change.model : undefined;
  if (wanted !== undefined) void useModelStore.getState().changeTo(wanted);
}

/** What a model that is opening can be taught is known once it is open: another is taken then if it must be, unless the task was changed meanwhile. */
function fitOnceOpened(task: TaskId): void {
  const stop = useModelStore.subscribe(({ model, opening, changeTo }) => {
    if (opening !== null) return;
    stop();
    const wanted = modelFor(task, model);
    if (wanted !== null && taskIdOf(useRecipeStore.getState().recipe) === task) void changeTo(wanted);
  });
}

/** Applies a preset that suits the machine; where it is not known yet, the quick one follows once it is, unless the recipe was changed meanwhile. */
function applyWithin(preset: PresetId, change: RecipeChange): void {
  const isSlow = (): boolean => machineOf(useMachineStore.getState().capabilities)?.accelerated === false;
  useRecipeStore.getState().applyPreset(isSlow() ? 'quick' : preset);
  takeChange(change);
  if (useMachineStore.getState().capabilities !== null) return;
  const { recipe: applied } = useRecipeStore.getState();
  const stop = useMachineStore.subscribe(({ capabilities }) => {
    if (capabilities === null) return;
    stop();
    const { recipe } = useRecipeStore.getState();
    if (!isSlow() || changedKeys(applied, recipe).some((key) => key !== 'model')) return;
    useRecipeStore.getState().applyPreset('quick');
    takeChange(change);
  });
}

/** A field that the task does not have is not set. */
function takeChange(change: RecipeChange): void {
  const { recipe, change: set } = useRecipeStore.getState();
  const own = Object.entries(change).filter(([key]) => hasField(key as RecipeKey, recipe));
  if (own.length > 0) set(Object.fromEntries(own));
}
