import { describe, expect, it } from 'vitest';
import { sampleRecord } from '../../dataset/testing/records';
import type { SampleRecord } from '../../dataset/types';
import { filterImages, findIssues, type Use } from './health';

const image = (id: string, change: Parameters<typeof sampleRecord>[1] = {}): SampleRecord =>
  sampleRecord(id, {
    id,
    captions: [`a picture of ${id}`],
    ...change,
    picture: { width: 96, height: 96, ...change.picture },
  });

const images = [
  image('owl'),
  image('cat', { captions: ['A  picture of OWL', 'a cat'], split: 'test' }),
  image('dog', { captions: [], fields: { kind: 'terrier' } }),
  image('banner', { picture: { width: 400, height: 100 }, split: 'validation' }),
  image('icon', { picture: { width: 16, height: 16 } }),
  image('twin', { captions: ['the same', 'the same'], fields: { asked: ['Is it red?'], right: [['Yes']] } }),
];

const columns = [
  { name: 'kind', role: 'label' },
  { name: 'asked', role: 'question' },
  { name: 'right', role: 'answer' },
] as const;
const matching: Use = { dataset: { columns }, by: 'captions', compares: true };

const found = (imageSize: number | null = 64, tooLong: ReadonlySet<string> | null = null, use = matching) =>
  Object.fromEntries(findIssues(images, imageSize, tooLong, use).map((issue) => [issue.id, [...issue.images]]));

describe('findIssues', () => {
  it('finds what is wrong with which picture', () => {
    expect(found()).toEqual({
      untaught: ['dog'],
      // Repeated over pictures; a caption twice on one picture is none.
      repeated: ['owl', 'cat'],
      'too-long': [],
      tiny: ['icon'],
      extreme: ['banner'],
      excluded: [],
    });
  });

  it('says nothing of excluded pictures but that they are', () => {
    const excluded = images.map((each) => (each.id === 'banner' ? { ...each, excluded: true as const } : each));
    const issues = findIssues(excluded, 64, null, matching);
    expect(issues.find(({ id }) => id === 'extreme')?.images.size).toBe(0);
    expect([...(issues.find(({ id }) => id === 'excluded')?.images ?? [])]).toEqual(['banner']);
    const filter = { query: '', split: 'all', issue: 'excluded', part: null } as const;
    expect(filterImages(excluded, filter, issues).map(({ id }) => id)).toEqual(['banner']);
  });

  it('calls nothing tiny or too long while the model is unknown', () => {
    expect(found(null)).toMatchObject({ tiny: [], 'too-long': [] });
    expect(found(64, new Set(['twin']))).toMatchObject({ 'too-long': ['twin'] });
  });

  it('asks of pictures only what the recipe teaches', () => {
    expect(found(64, new Set(['twin']), { ...matching, by: 'labels', compares: false })).toMatchObject({
      untaught: ['owl', 'cat', 'banner', 'icon', 'twin'],
      repeated: [],
      'too-long': [],
    });
    expect(found(64, null, { ...matching, by: 'questions', compares: false })).toMatchObject({
      untaught: ['owl', 'cat', 'dog', 'banner', 'icon'],
    });
  });
});

describe('filterImages', () => {
  const shown = (filter: Partial<Parameters<typeof filterImages>[1]>) =>
    filterImages(
      images,
      { query: '', split: 'all', issue: null, part: null, ...filter },
      findIssues(images, 64, null, matching),
    ).map(({ id }) => id);

  it('narrows by words, split and finding, all at once', () => {
    expect(shown({})).toHaveLength(6);
    expect(shown({ query: 'PICTURE owl' })).toEqual(['owl', 'cat']);
    expect(shown({ query: 'banner.png' })).toEqual(['banner']);
    expect(shown({ query: 'terrier' })).toEqual(['dog']);
    expect(shown({ query: 'is it red yes' })).toEqual(['twin']);
    expect(shown({ split: 'test' })).toEqual(['cat']);
    expect(shown({ issue: 'repeated' })).toEqual(['owl', 'cat']);
    expect(shown({ issue: 'repeated', split: 'train', query: 'owl' })).toEqual(['owl']);
    expect(shown({ part: new Set(['dog', 'cat']), split: 'train' })).toEqual(['dog']);
  });
});
