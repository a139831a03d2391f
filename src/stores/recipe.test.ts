import 'fake-indexeddb/auto';
import { beforeEach, expect, it, vi } from 'vitest';
import { applyPreset } from '../recipe/presets';
import { readSetting, writeSetting } from './settings';

/** The store as a freshly loaded page has it. */
async function freshStore() {
  vi.resetModules();
  const module = await import('./recipe');
  await module.useRecipeStore.getState().restore();
  return module;
}

beforeEach(async () => {
  await writeSetting('recipe', null);
});

it('keeps edits over a reload, with the preset that they count from', async () => {
  const { useRecipeStore, editedKeys } = await freshStore();
  useRecipeStore.getState().applyPreset('projections');
  useRecipeStore.getState().set('batchSize', 16);
  await vi.waitFor(async () => expect(await readSetting('recipe')).toMatchObject({ recipe: { batchSize: 16 } }), 3000);
  const again = await freshStore();
  expect(again.useRecipeStore.getState()).toMatchObject({ preset: 'projections', problems: [] });
  expect(again.useRecipeStore.getState().recipe).toEqual({ ...applyPreset('projections'), batchSize: 16 });
  expect(again.editedKeys(again.useRecipeStore.getState())).toEqual(['batchSize']);
  expect(editedKeys({ recipe: applyPreset('quick'), preset: 'quick' })).toEqual([]);
});

it('resets a field to its preset, not to the schema’s default', async () => {
  const { useRecipeStore } = await freshStore();
  useRecipeStore.getState().applyPreset('projections');
  useRecipeStore.getState().set('learningRate', 0.1);
  useRecipeStore.getState().reset('learningRate');
  expect(useRecipeStore.getState().recipe.learningRate).toBe(1e-3);
  await vi.waitFor(async () => expect(await readSetting('recipe')).toMatchObject({ preset: 'projections' }));
});

it('takes what the preset sets for another task, and keeps edits that it can have', async () => {
  const { useRecipeStore, editedKeys } = await freshStore();
  useRecipeStore.getState().applyPreset('projections');
  useRecipeStore.getState().change({ seed: 7, weightDecay: 0.2, selectionMetric: 'recall@1' });
  useRecipeStore.getState().set('task', 'captioning');
  const { recipe, preset } = useRecipeStore.getState();
  // A preset that trains the projections alone is none for models that write words.
  expect(preset).toBe('full');
  expect(recipe).toMatchObject({ seed: 7, weightDecay: 0.2, task: { type: 'captioning', selectionMetric: 'auto' } });
  expect(editedKeys(useRecipeStore.getState())).toEqual(['weightDecay']);
  useRecipeStore.getState().applyPreset('quick');
  expect(useRecipeStore.getState().recipe).toMatchObject({ learningRate: 1e-4, method: { freeze: 'full' } });
  useRecipeStore.getState().set('task', 'answering');
  expect(useRecipeStore.getState().recipe).toMatchObject({ learningRate: 1e-3, method: { freeze: 'image-locked' } });
  useRecipeStore.getState().set('task', 'contrastive');
  expect(useRecipeStore.getState()).toMatchObject({ preset: 'quick', recipe: { method: { freeze: 'projections' } } });
});

it('opens with what can be read of a damaged recipe, and says what cannot', async () => {
  await writeSetting('recipe', {
    preset: 'gone',
    recipe: { ...applyPreset('quick'), batchSize: 'many', colour: 'red' },
  });
  const { useRecipeStore } = await freshStore();
  const { recipe, preset, problems, restored } = useRecipeStore.getState();
  expect(restored).toBe(true);
  expect(recipe.method.freeze).toBe('projections');
  expect(recipe.batchSize).toBe(applyPreset('full').batchSize);
  expect(preset).toBe('quick');
  expect(problems).toHaveLength(2);
});

it('begins with the quick preset on a machine without a GPU, unless something was chosen', async () => {
  const { useRecipeStore } = await freshStore();
  useRecipeStore.getState().suit({ accelerated: true });
  expect(useRecipeStore.getState().preset).toBe('full');
  useRecipeStore.getState().suit({ accelerated: false });
  expect(useRecipeStore.getState()).toMatchObject({ preset: 'quick', recipe: applyPreset('quick') });
  await vi.waitFor(async () => expect(await readSetting('recipe')).toMatchObject({ preset: 'quick' }));

  const chosen = await freshStore();
  chosen.useRecipeStore.getState().applyPreset('full');
  chosen.useRecipeStore.getState().suit({ accelerated: false });
  expect(chosen.useRecipeStore.getState().preset).toBe('full');

  await writeSetting('recipe', null);
  const edited = await freshStore();
  edited.useRecipeStore.getState().set('epochs', 3);
  edited.useRecipeStore.getState().suit({ accelerated: false });
  expect(edited.useRecipeStore.getState().preset).toBe('full');
});

it('lets an edit win that was made before the stored recipe was read', async () => {
  await writeSetting('recipe', { preset: 'quick', recipe: applyPreset('quick') });
  vi.resetModules();
  const { useRecipeStore } = await import('./recipe');
  const reading = useRecipeStore.getState().restore();
  useRecipeStore.getState().set('epochs', 3);
  await reading;
  expect(useRecipeStore.getState().recipe).toMatchObject({ epochs: 3, method: { freeze: 'full' } });
});
