import { expect, it } from 'vitest';
import { augments, repeatsPictures } from './augmentation';
import { applyPreset } from './presets';
import { isRelevant } from './describe';
import { withFields } from './fields';

const still = withFields(applyPreset('projections'), { augmentCrop: 0, augmentFlip: false, augmentColor: 0 });

it('knows every kind of random change', () => {
  expect(augments(still)).toBe(false);
  for (const change of [{ augmentCrop: 0.1 }, { augmentFlip: true }, { augmentColor: 0.1 }])
    expect(augments(withFields(still, { ...change }))).toBe(true);
});

it('tells fresh views from views that come again', () => {
  expect(repeatsPictures(still)).toBe(true);
  expect(repeatsPictures(withFields(still, { augmentFlip: true }))).toBe(false);
  expect(repeatsPictures(withFields(still, { augmentFlip: true, cachedViews: 1 }))).toBe(true);
});

it('offers cached views where frozen layers see changing pictures', () => {
  const changing = withFields(still, { augmentFlip: true });
  expect(isRelevant('cachedViews', still)).toBe(false);
  expect(isRelevant('cachedViews', changing)).toBe(true);
  expect(isRelevant('cachedViews', withFields(changing, { freeze: 'last-blocks' }))).toBe(true);
  expect(isRelevant('cachedViews', withFields(changing, { freeze: 'full' }))).toBe(false);
  expect(isRelevant('cachedViews', withFields(changing, { freeze: 'text-locked' }))).toBe(false);
  const custom = withFields(changing, { freeze: 'custom' });
  expect(isRelevant('cachedViews', withFields(custom, { trainableGroups: ['vision.projection'] }))).toBe(true);
  expect(isRelevant('cachedViews', withFields(custom, { trainableGroups: ['vision.embeddings'] }))).toBe(false);
});
