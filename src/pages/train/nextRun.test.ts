import { describe, expect, it } from 'vitest';
import { defaultRecipe } from '../../recipe/fields';
import { wouldDiffer, type Setup } from './nextRun';

const run = { recipe: defaultRecipe, datasetId: 'boats' };
const stored = {
  dataset: { id: 'boats', name: 'Boats', images: 10, train: 8, validation: 1, test: 1, fingerprint: '' },
};
const setup: Setup = {
  recipe: defaultRecipe,
  datasetId: 'boats',
  counts: { train: 8, validation: 1, test: 1, withoutCaption: 0, trainPairs: 8, classes: null, captionsAlike: false },
};

describe('wouldDiffer', () => {
  it('is false while nothing has changed', () => {
    expect(wouldDiffer(run, stored, setup)).toBe(false);
    expect(wouldDiffer(run, undefined, setup)).toBe(false);
  });

  it('sees another recipe, but not fields without effect', () => {
    expect(wouldDiffer(run, stored, { ...setup, recipe: { ...defaultRecipe, batchSize: 7 } })).toBe(true);
    expect(wouldDiffer(run, stored, { ...setup, recipe: { ...defaultRecipe, momentum: 0.5 } })).toBe(false);
  });

  it('sees another dataset, another split of it, and that it is gone', () => {
    expect(wouldDiffer(run, stored, { ...setup, datasetId: 'trains' })).toBe(true);
    expect(wouldDiffer(run, stored, { ...setup, datasetId: null })).toBe(true);
    expect(wouldDiffer(run, stored, { ...setup, counts: { ...setup.counts, train: 7, test: 2 } })).toBe(true);
  });
});
