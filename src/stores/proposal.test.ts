import { describe, expect, it } from 'vitest';
import { sampleRecord } from '../dataset/testing/records';
import type { Column, ColumnRole, Dataset, FieldValue } from '../dataset/types';
import { tasks } from '../tasks';
import { modelFor, proposedTask } from './proposal';

const captionColumn: Column = { name: 'text', role: 'caption' };

function proposalFor(
  columns: Readonly<Record<string, ColumnRole>>,
  rows: readonly { readonly captions?: readonly string[]; readonly fields?: Readonly<Record<string, FieldValue>> }[],
  model: Parameters<typeof proposedTask>[2] = null,
) {
  const dataset: Dataset = {
    id: 'd',
    name: 'd',
    createdAt: 0,
    split: { seed: 1, validation: 0.1, test: 0.1 },
    origin: 'files',
    columns: [captionColumn, ...Object.entries(columns).map(([name, role]) => ({ name, role }))],
  };
  const images = rows.map(({ captions = [], fields = {} }, i) =>
    sampleRecord(String(i), { captions: [...captions], fields: { ...fields } }),
  );
  return proposedTask(dataset, images, model);
}

const repeated = <Row>(rows: readonly Row[], times = 3): Row[] => Array.from({ length: times }, () => rows).flat();
const has = (task: string): boolean => Object.hasOwn(tasks, task);

describe('the task that fits the columns', () => {
  it('is none without anything to learn', () => {
    expect(proposalFor({}, [{}, {}])).toBeNull();
  });

  it('is matching for captions alone', () => {
    expect(proposalFor({}, [{ captions: ['a'] }, {}])).toMatchObject({ task: 'contrastive', change: {} });
  });

  it('is captioning for captions alone where the model in use writes and does not match', () => {
    const rows = [{ captions: ['a'] }, {}];
    const proposal = proposalFor({}, rows, { tasks: ['captioning', 'answering'] });
    expect(proposal).toMatchObject({ task: 'captioning', action: 'Caption pictures', change: {} });
    expect(proposal?.because).toContain('the model writes words');
    // One that does both is proposed what it was made for; one that only answers cannot be taught to caption.
    expect(proposalFor({}, rows, { tasks: ['captioning', 'contrastive'] })?.task).toBe('contrastive');
    expect(proposalFor({}, rows, { tasks: ['answering'] })?.task).toBe('contrastive');
    expect(proposalFor({}, [{}, {}], { tasks: ['captioning'] })).toBeNull();
  });

  it('is what the columns say also where the model writes', () => {
    const labelled = repeated([
      { captions: ['a cat'], fields: { kind: 'cat' } },
      { captions: ['a dog'], fields: { kind: 'dog' } },
    ]);
    expect(proposalFor({ kind: 'label' }, labelled, { tasks: ['captioning'] })?.task).toBe('classification');
  });

  it('is classification for labels', () => {
    const proposal = proposalFor(
      { kind: 'label' },
      repeated([{ fields: { kind: 'cat' } }, { fields: { kind: 'dog' } }]),
    );
    expect(proposal).toMatchObject({ task: 'classification', action: 'Classify by “kind”', change: {} });
    expect(proposal?.because).toMatch(/^“kind” holds labels, 2 different ones/);
  });

  it('is not classification where labels are names, or there is one class', () => {
    const names = ['a', 'b', 'c'].map((kind) => ({ captions: ['x'], fields: { kind } }));
    expect(proposalFor({ kind: 'label' }, names)?.task).toBe('contrastive');
    expect(proposalFor({ kind: 'label' }, repeated([{ fields: { kind: 'cat' } }]))).toBeNull();
  });

  it('reads words and pictures together where captions do not give the label away', () => {
    const rows = Array.from({ length: 12 }, (_, i) => ({
      captions: [`sentence ${i}`],
      fields: { mood: i % 2 === 0 ? 'good' : 'bad' },
    }));
    expect(proposalFor({ mood: 'label' }, rows)).toMatchObject({ change: { input: 'both', head: 'mlp' } });
    const told = rows.map((row, i) => ({ ...row, captions: [`${row.fields.mood} thing ${i}`] }));
    expect(proposalFor({ mood: 'label' }, told)?.change).toEqual({});
    const same = rows.map((row) => ({ ...row, captions: ['a photo'] }));
    expect(proposalFor({ mood: 'label' }, same)?.change).toEqual({});
  });

  it('takes several labels where samples have several', () => {
    const rows = repeated([{ fields: { tags: ['a', 'b'] } }, { fields: { tags: 'a' } }]);
    expect(proposalFor({ tags: 'label' }, rows)).toMatchObject({ change: { labelKind: 'several' } });
    // Six pictures tell five labels apart where each has two of them, whether they have captions as well or not.
    const tags = ['a', 'b', 'c', 'd', 'e'];
    const few = Array.from({ length: 6 }, (_, i) => ({
      captions: [`sentence ${i}`],
      fields: { tags: [tags[i % 5] ?? '', tags[(i + 1) % 5] ?? ''] },
    }));
    expect(proposalFor({ tags: 'label' }, few)).toMatchObject({
      task: 'classification',
      change: { labelKind: 'several' },
    });
    expect(proposalFor({ tags: 'label' }, few.slice(0, 3))?.task).toBe('contrastive');
  });

  it.runIf(has('regression'))('is rating for numbers', () => {
    const rows = [1, 2, 3].map((price) => ({ fields: { price, size: `${price}.5` } }));
    expect(proposalFor({ price: 'number' }, rows)).toMatchObject({ task: 'regression', action: 'Predict “price”' });
    expect(proposalFor({ price: 'number', size: 'number' }, rows)?.because).toMatch(/^“price”, “size” hold numbers/);
    expect(proposalFor({ price: 'number' }, repeated(rows.slice(0, 1)))).toBeNull();
  });

  it.runIf(has('answering'))('is answering for questions with answers', () => {
    const columns = { q: 'question', a: 'answer' } as const;
    const rows = [{ fields: { q: ['red?', 'big?'], a: [['yes'], ['no']] } }];
    expect(proposalFor(columns, rows)).toMatchObject({ task: 'answering' });
    expect(proposalFor(columns, [{ fields: { q: ['red?'], a: [[]] } }])).toBeNull();
    const described = repeated([{ captions: ['a boat'], fields: { q: ['describe'], a: [['a boat']] } }]);
    expect(proposalFor(columns, described)?.task).toBe('contrastive');
  });
});

it('names an embedded model in place of one that cannot be taught the task', () => {
  expect(modelFor('contrastive', { tasks: ['contrastive', 'classification'] })).toBeNull();
  expect(modelFor('contrastive', { tasks: ['captioning'] })).toBe('seed-clip');
  expect(modelFor('classification', { tasks: ['answering'] })).toBe('seed-clip');
  expect(modelFor('contrastive', null)).toBeNull();
});
