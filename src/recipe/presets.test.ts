import { describe, expect, it } from 'vitest';
import { defaultRecipe, recipeKeys, withFields } from './fields';
import { infoOf, isRelevant, showValue, summarize } from './describe';
import { differences } from './differences';
import { restoreRecipe } from './migrate';
import { applyPreset, nearestPreset, offeredPresets, presets } from './presets';
import { recipeSchema } from './schema';

describe('presets', () => {
  it('are valid recipes and recognised as themselves', () => {
    for (const { id } of presets) {
      const recipe = applyPreset(id);
      expect(recipeSchema.safeParse(recipe).success).toBe(true);
      expect(nearestPreset(recipe)).toMatchObject({ preset: { id }, changed: [] });
    }
  });

  it('are as many for each task as it can make use of, each recognised as itself', () => {
    const offered = (task: string) => offeredPresets(task).map(({ id }) => id);
    expect(offered('contrastive')).toEqual(presets.map(({ id }) => id));
    expect(offered('classification')).not.toContain('image-locked');
    for (const task of ['captioning', 'answering'] as const) {
      expect(offered(task)).not.toContain('projections');
      for (const { id } of offeredPresets(task)) {
        const recipe = applyPreset(id, withFields(defaultRecipe, { task }));
        expect(recipeSchema.safeParse(recipe).success).toBe(true);
        expect(nearestPreset(recipe)).toMatchObject({ preset: { id }, changed: [] });
      }
    }
  });

  it('leave the model and the seed alone', () => {
    const current = { ...defaultRecipe, model: 'openai/clip-vit-base-patch32', seed: 7 };
    expect(applyPreset('projections', current)).toMatchObject({
      model: current.model,
      seed: 7,
      method: { freeze: 'projections' },
    });
  });

  it('are still the nearest after an edit', () => {
    const { preset, changed } = nearestPreset({ ...applyPreset('projections'), weightDecay: 0.2, model: 'a/b' });
    expect(preset.id).toBe('projections');
    expect(changed).toEqual(['weightDecay']);
  });
});

describe('words for recipes', () => {
  it('exist for every field, and for every choice', () => {
    for (const key of recipeKeys) {
      expect(infoOf(key).label).not.toBe('');
      expect(showValue(key, defaultRecipe)).not.toBe('');
    }
    for (const { id } of presets) expect(summarize(applyPreset(id))).toMatch(/lr [137]e-[34] · \d+ (epochs|steps)$/);
    const changes = [{ kind: 'rate', step: 4, to: 2e-4 } as const];
    expect(summarize({ ...defaultRecipe, changes })).toMatch(/ · 1 change on the way$/);
    expect(differences(defaultRecipe, { ...defaultRecipe, changes })).toMatchObject([
      { key: 'changes', from: 'none', to: 'after step 4: learning rate 2e-4' },
    ]);
  });

  it('say what a zero means', () => {
    const said = (key: 'evaluateEvery' | 'microBatchSize', value: number) =>
      showValue(key, { ...defaultRecipe, [key]: value });
    expect([said('evaluateEvery', 0), said('evaluateEvery', 50)]).toEqual(['automatic', '50 steps']);
    expect([said('microBatchSize', 0), said('microBatchSize', 8)]).toEqual(['whole batch', '8 pairs']);
  });

  it('write shares as the form does', () => {
    const said = (key: 'augmentCrop' | 'warmupRatio', value: number) =>
      showValue(key, { ...defaultRecipe, [key]: value });
    expect([said('augmentCrop', 0.2), said('augmentCrop', 0)]).toEqual(['20 %', 'off']);
    expect([said('warmupRatio', 0.065), said('warmupRatio', 0)]).toEqual(['6.5 % of the run', 'off']);
  });

  it('leave out differences without effect', () => {
    const a = { ...defaultRecipe, momentum: 0.1 };
    expect(differences(defaultRecipe, a)).toEqual([]);
    expect(isRelevant('momentum', a)).toBe(false);
    expect(differences(defaultRecipe, { ...a, optimizer: 'sgd', learningRate: 1e-5 })).toMatchObject([
      { label: 'Optimizer', from: 'AdamW', to: 'SGD with momentum' },
      { label: 'Learning rate', from: '3e-4', to: '1e-5' },
      { label: 'Momentum', from: '–', to: '0.1' },
    ]);
  });
});

describe('restoreRecipe', () => {
  it('takes any valid recipe as it is', () => {
    expect(restoreRecipe(JSON.parse(JSON.stringify(applyPreset('quick'))))).toEqual({
      recipe: applyPreset('quick'),
      problems: [],
    });
  });

  it('fills what an older studio did not know, without a word', () => {
    expect(restoreRecipe({ batchSize: 16 })).toEqual({ recipe: { ...defaultRecipe, batchSize: 16 }, problems: [] });
  });

  it('makes a recipe of anything', () => {
    for (const junk of [null, undefined, 3, 'x', [], { batchSize: {} }, { learningRate: Number.NaN }]) {
      expect(restoreRecipe(junk).recipe).toEqual(defaultRecipe);
    }
  });

  it('brings lists of layers into one form', () => {
    const { recipe } = restoreRecipe({
      trainableGroups: ['text.blocks.10', 'text.blocks.02', 'text.blocks.2', 'logit_scale'],
    });
    expect(recipe.method.trainableGroups).toEqual(['logit_scale', 'text.blocks.2', 'text.blocks.10']);
  });
});
