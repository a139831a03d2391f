import type { Fix } from '../recipe/checks';
import { hasField, type RecipeChange, type RecipeKey } from '../recipe/fields';
import { changedKeys, type PresetId } from '../recipe/presets';
import { machineOf } from './readiness';
import { useMachineStore } from './machine';
import { useModelStore } from './model';
import { modelFor } from './proposal';
import { useRecipeStore } from './recipe';
import type { TaskId } from '../tasks';

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
  const { model: opened, openModel } = useModelStore.getState();
  const wanted = model ?? modelFor(task, opened);
  if (wanted !== null && opened?.id !== wanted) void openModel(wanted);
}

/** Changes the recipe as a finding proposes, and opens the model that it names then. */
export function takeFix(fix: Fix): void {
  useRecipeStore.getState().applyFix(fix);
  const { model: opened, openModel } = useModelStore.getState();
  const wanted = 'change' in fix ? fix.change.model : undefined;
  if (wanted !== undefined && opened?.id !== wanted) void openModel(wanted);
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
