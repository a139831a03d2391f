import { describe, expect, it } from 'vitest';
import { blockingReason, checkReadiness, type Situation } from './checks';
import { defaultRecipe, withFields } from './fields';
import { applyPreset } from './presets';

const ready: Situation = {
  dataset: { train: 500, validation: 60, test: 60, withoutCaption: 0, sample: false, photographs: false },
  model: {
    id: 'seed-clip',
    name: 'Seed CLIP',
    tasks: ['contrastive', 'classification'],
    parameters: 5e6,
    groups: [
      { id: 'vision.embeddings', tower: 'vision', kind: 'embeddings', index: null, parameters: 4e6 },
      { id: 'text.projection', tower: 'text', kind: 'projection', index: null, parameters: 1e6 },
    ],
    drawingsOnly: true,
  },
  knowledge: null,
  modelProblem: null,
  shortage: null,
  machine: { accelerated: true },
  needs: 'contrastive',
  embedded: { id: 'seed-clip', name: 'Seed CLIP' },
  busy: null,
};

const data = { sample: false, photographs: false };

const ids = (recipe = defaultRecipe, change: Partial<Situation> = {}) =>
  checkReadiness(recipe, { ...ready, ...change }).map(({ id, severity }) => `${severity} ${id}`);

describe('checkReadiness', () => {
  it('has nothing to say when all is well', () => {
    expect(ids()).toEqual([]);
  });

  it('names what is missing', () => {
    expect(ids(defaultRecipe, { dataset: null })).toEqual(['blocker no-data']);
    expect(ids(defaultRecipe, { model: null })).toEqual(['blocker no-model']);
    expect(ids(defaultRecipe, { busy: 'training' })).toEqual(['blocker busy']);
    const failed = checkReadiness(defaultRecipe, {
      ...ready,
      model: null,
      modelProblem: 'model.safetensors is cut short.',
    });
    expect(blockingReason(failed)).toBe('model.safetensors is cut short.');
  });

  it('sends nobody into a run that has nothing to tell apart', () => {
    const dataset = { ...data, train: 500, validation: 60, test: 60, withoutCaption: 0, captionsAlike: true };
    expect(ids(defaultRecipe, { dataset })).toEqual(['blocker captions-alike']);
    const writing = withFields(defaultRecipe, { task: 'captioning' });
    expect(ids(writing, { dataset })).not.toContain('blocker captions-alike');
  });

  it('tells a bad split from too few pictures and from missing captions', () => {
    const reason = (dataset: NonNullable<Situation['dataset']>) =>
      blockingReason(checkReadiness(defaultRecipe, { ...ready, dataset }));
    expect(reason({ ...data, train: 1, validation: 9, test: 9, withoutCaption: 0 })).toMatch(/Change the split/);
    expect(reason({ ...data, train: 1, validation: 0, test: 0, withoutCaption: 8 })).toMatch(/caption/);
    expect(reason({ ...data, train: 1, validation: 0, test: 0, withoutCaption: 0 })).toMatch(/at least two/);
    const nothing = { ...data, train: 0, validation: 0, test: 0, withoutCaption: 9 };
    expect(reason({ ...nothing, by: 'numbers' })).toMatch(/Fewer than two pictures have a number\. Add a table/);
    expect(reason({ ...nothing, by: 'questions' })).toMatch(/Fewer than two pictures have a question with an answer/);
    expect(reason({ ...nothing, by: 'questions', train: 1, test: 2 })).toMatch(
      /^Only 1 of the pictures with an answered question is for training/,
    );
  });

  it('warns of a batch larger than the data, with a batch that fits', () => {
    const findings = checkReadiness(
      { ...defaultRecipe, batchSize: 64 },
      { ...ready, dataset: { ...data, train: 20, validation: 3, test: 3, withoutCaption: 0 } },
    );
    expect(findings).toMatchObject([
      { id: 'batch-over-data', severity: 'warning', fixes: [{ change: { batchSize: 4 } }] },
    ]);
  });

  it('lets a run without validation pictures go, unless it is to stop early', () => {
    const dataset = { ...data, train: 20, validation: 0, test: 3, withoutCaption: 0 };
    const recipe = { ...defaultRecipe, batchSize: 8 };
    expect(ids(recipe, { dataset })).toEqual(['warning no-validation']);
    expect(ids({ ...recipe, earlyStopping: true }, { dataset })).toEqual(['blocker no-validation']);
  });

  it('stops a run that trains nothing or does not fit, and offers a way out', () => {
    const custom = withFields(defaultRecipe, { freeze: 'custom', trainableGroups: ['vision.blocks.40'] });
    expect(checkReadiness(custom, ready)).toMatchObject([
      { id: 'nothing-trained', fixes: [{ change: { freeze: 'projections' } }] },
    ]);
    const findings = checkReadiness(defaultRecipe, {
      ...ready,
      shortage: {
        message: 'This run needs about 9.0 GB, and 4.0 GB can be used.',
        remedies: [
          { advice: 'use micro-batches of 16', change: { microBatchSize: 16 } },
          { advice: 'train the matching layers only', change: { freeze: 'projections' } },
        ],
      },
    });
    expect(findings).toMatchObject([
      {
        id: 'memory',
        severity: 'blocker',
        fixes: [
          { label: 'Use micro-batches of 16', change: { microBatchSize: 16 } },
          { label: 'Train the matching layers only', change: { freeze: 'projections' } },
        ],
      },
    ]);
    expect(blockingReason(findings)).toMatch(/9\.0 GB.*To make it fit, use micro-batches of 16, or train the/);
  });

  it('warns of a high learning rate where many parameters are trained', () => {
    const groups = [{ id: 'vision.blocks.0', tower: 'vision', kind: 'block' as const, index: 0, parameters: 150e6 }];
    const model = { id: 'big', name: 'Big', tasks: ['contrastive'], parameters: 150e6, groups, drawingsOnly: false };
    expect(ids(defaultRecipe, { model })).toEqual(['warning rate-over-size']);
    expect(ids({ ...defaultRecipe, learningRate: 1e-5 }, { model })).toEqual([]);
  });

  it('names a model that can where the one in use cannot', () => {
    const captions = withFields(defaultRecipe, { task: 'captioning' });
    const embedded = { id: 'seed-blip', name: 'Seed BLIP' };
    const [finding] = checkReadiness(captions, { ...ready, needs: 'captioning', embedded });
    expect(finding).toMatchObject({ id: 'unable-model', severity: 'blocker', where: 'model' });
    expect(finding?.message).toBe(
      'Seed CLIP compares pictures with words and writes none: the task “Write captions” needs another model.',
    );
    expect(finding?.fixes).toEqual([{ label: 'Use Seed BLIP', change: { model: 'seed-blip' } }]);
  });

  it('suggests the quick preset without a GPU, and not to those who follow it', () => {
    const machine = { accelerated: false };
    expect(ids(defaultRecipe, { machine })).toEqual(['warning slow-machine']);
    expect(ids(applyPreset('quick'), { machine })).toEqual([]);
    for (const task of ['captioning', 'answering'] as const) {
      const writing = withFields(defaultRecipe, { task });
      expect(ids(writing, { machine })).toContain('warning slow-machine');
      expect(ids(applyPreset('quick', writing), { machine })).not.toContain('warning slow-machine');
    }
  });

  it('warns of cached views that never come again', () => {
    const recipe = { ...applyPreset('projections'), augmentFlip: true, epochs: 8, cachedViews: 8 };
    expect(checkReadiness(recipe, ready)).toMatchObject([
      { id: 'views-over-epochs', fixes: [{ change: { cachedViews: 0 } }] },
    ]);
    expect(ids({ ...recipe, cachedViews: 4 })).toEqual([]);
    expect(ids({ ...recipe, augmentFlip: false })).toEqual([]);
    expect(ids({ ...recipe, durationUnit: 'steps' })).toEqual([]);
  });

  it('puts blockers first', () => {
    expect(ids({ ...defaultRecipe, batchSize: 1000 }, { model: null })).toEqual([
      'blocker no-model',
      'warning batch-over-data',
    ]);
  });
});

describe('what the model knows', () => {
  const newDomain = applyPreset('new-domain');

  it('is in danger where it is much and the recipe takes large steps with all layers', () => {
    expect(ids(newDomain, { knowledge: 'much' })).toEqual(['warning forgets']);
    expect(ids(newDomain, { knowledge: 'some' })).toEqual([]);
    expect(ids(applyPreset('full'), { knowledge: 'much' })).toEqual([]);
    expect(ids(applyPreset('projections'), { knowledge: 'much' })).toEqual([]);
    const [finding] = checkReadiness(newDomain, { ...ready, knowledge: 'much' });
    expect(finding?.fixes).toEqual([{ label: 'Use “Everything”', preset: 'full' }]);
  });

  it('should be measured before such steps', () => {
    expect(checkReadiness(newDomain, ready)).toMatchObject([{ id: 'not-measured', where: 'evaluate' }]);
  });

  it('is drawings alone for the embedded model, which is said where pictures seem to be photographs or it is near chance', () => {
    const dataset = { train: 500, validation: 60, test: 60, withoutCaption: 0, sample: false, photographs: true };
    expect(ids(defaultRecipe, { dataset })).toEqual(['warning drawings-only']);
    expect(ids(defaultRecipe, { knowledge: 'little' })).toEqual(['warning drawings-only']);
    expect(ids(defaultRecipe, { dataset, knowledge: 'some' })).toEqual([]);
    expect(ids(defaultRecipe, { dataset: { ...dataset, sample: true } })).toEqual([]);
    const model = { ...ready.model!, drawingsOnly: false };
    expect(ids(defaultRecipe, { dataset, model })).toEqual([]);
    expect(ids(defaultRecipe, { dataset, model, knowledge: 'little' })).toEqual(['warning near-chance']);
  });
});
