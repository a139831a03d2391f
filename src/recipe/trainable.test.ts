import { describe, expect, it } from 'vitest';
import { defaultRecipe, withFields, type RecipeChange } from './fields';
import { fineTuningMethod } from './methods/fine-tuning';
import { place, towerPlaces } from './testing/places';
import { chooseGroups, trainableGroups } from './trainable';

/** Towers of different depth, as some CLIPs have. */
const groups = [...towerPlaces('vision', 4), ...towerPlaces('text', 2), place('logit_scale', null, 'scale')];

const trained = (change: RecipeChange) => [...trainableGroups(withFields(defaultRecipe, change).method, groups)];

const { method } = defaultRecipe;

describe('trainableGroups', () => {
  it('trains all for full', () => {
    expect(trained({ freeze: 'full' })).toHaveLength(groups.length);
  });

  it('trains the projections and the scale', () => {
    expect(trained({ freeze: 'projections' })).toEqual(['vision.projection', 'text.projection', 'logit_scale']);
  });

  it('counts the last blocks of each tower by its own depth', () => {
    expect(trained({ freeze: 'last-blocks', lastBlocks: 1 })).toEqual([
      'vision.blocks.3',
      'vision.final_norm',
      'vision.projection',
      'text.blocks.1',
      'text.final_norm',
      'text.projection',
      'logit_scale',
    ]);
    expect(trained({ freeze: 'last-blocks', lastBlocks: 3 })).toContain('text.blocks.0');
    expect(trained({ freeze: 'last-blocks', lastBlocks: 48 })).not.toContain('vision.embeddings');
  });

  it('locks a tower with its projection', () => {
    expect(trained({ freeze: 'image-locked' }).filter((id) => id.startsWith('vision'))).toEqual([]);
    expect(trained({ freeze: 'image-locked' })).toContain('text.embeddings');
    expect(trained({ freeze: 'text-locked' }).filter((id) => id.startsWith('text'))).toEqual([]);
  });

  it('reads nothing out of names', () => {
    const named = groups.map((group, number) => ({ ...group, id: `g${number}` }));
    for (const freeze of ['full', 'last-blocks', 'projections', 'image-locked', 'text-locked'] as const) {
      const expected = trained({ freeze }).map((id) => `g${groups.findIndex((group) => group.id === id)}`);
      expect([...trainableGroups({ ...method, freeze }, named)]).toEqual(expected);
    }
  });

  it('ignores layers that the model does not have', () => {
    expect(trained({ freeze: 'custom', trainableGroups: ['vision.blocks.3', 'vision.blocks.11'] })).toEqual([
      'vision.blocks.3',
    ]);
  });
});

describe('chooseGroups', () => {
  it('undoes trainableGroups for every named choice', () => {
    for (const freeze of fineTuningMethod.shape.freeze.unwrap().options.filter((name) => name !== 'custom')) {
      const wanted = trainableGroups({ ...method, freeze }, groups);
      const chosen = chooseGroups({ ...method, freeze: 'custom' }, groups, wanted);
      expect(chosen.freeze).toBe(freeze);
      expect(trainableGroups(chosen, groups)).toEqual(wanted);
    }
  });

  it('keeps any other set as a list', () => {
    const wanted = new Set(['vision.blocks.0', 'text.projection']);
    const chosen = chooseGroups(method, groups, wanted);
    expect(chosen.freeze).toBe('custom');
    expect(trainableGroups(chosen, groups)).toEqual(wanted);
    expect(fineTuningMethod.shape.trainableGroups.safeParse(chosen.trainableGroups).success).toBe(true);
  });
});
