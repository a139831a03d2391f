import { hasField, withFields, type RecipeChange, type RecipeKey } from '../recipe/fields';
import type { PresetId } from '../recipe/presets';
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
  const recipes = useRecipeStore.getState();
  recipes.change({ task });
  if (preset !== null) {
    const slow = machineOf(useMachineStore.getState().capabilities)?.accelerated === false;
    recipes.applyPreset(slow ? 'quick' : preset);
  }
  // A field that the task does not have is not set.
  const { recipe } = useRecipeStore.getState();
  const own = Object.entries(change).filter(([key]) => hasField(key as RecipeKey, withFields(recipe, { task })));
  if (own.length > 0) recipes.change(Object.fromEntries(own));
  const { model: opened, openModel } = useModelStore.getState();
  const wanted = model ?? modelFor(task, opened);
  if (wanted !== null && opened?.id !== wanted) void openModel(wanted);
}
