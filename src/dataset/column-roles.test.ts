import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { database } from '../storage/db';
import { setColumnRole } from './column-roles';
import { importFiles } from './intake';
import { readDataset } from './storage';
import { givenFile, headerCodec, makePng } from './testing/pictures';

let id: string;
beforeEach(async () => {
  const rows = [
    { file_name: '0.png', text: ['a boot', 'the boot'], about: 'made of leather', kind: 'boot', size: 7, fold: 'val' },
    { file_name: '1.png', text: 'a shoe', about: 'for running', kind: 'shoe', size: 8, fold: 'train' },
    { file_name: '2.png', text: 'a sock', kind: 'sock', size: 9 },
  ];
  const files = [
    ...[0, 1, 2].map((i) => givenFile(`${i}.png`, makePng(i))),
    givenFile('metadata.jsonl', rows.map((row) => JSON.stringify(row)).join('\n')),
  ];
  const request = { datasetId: null, name: 'Shoes', files, origin: 'files' };
  id = (await importFiles(request, { codec: headerCodec })).datasetId;
});
afterEach(async () => {
  const db = await database();
  for (const store of db.objectStoreNames) await db.clear(store);
});

const roles = async () =>
  Object.fromEntries((await readDataset(id)).dataset.columns.map(({ name, role }) => [name, role]));
const samples = async () =>
  (await readDataset(id)).items.map(({ captions, split, fields }) => ({ captions, split, fields }));

describe('a role', () => {
  it('goes to a column, and away from the one that held it', async () => {
    expect(await roles()).toMatchObject({ kind: 'label', about: 'none', size: 'none' });
    const before = await readDataset(id);
    await setColumnRole(id, 'size', 'label');
    expect(await roles()).toMatchObject({ kind: 'none', size: 'label' });
    await setColumnRole(id, 'size', 'number');
    await setColumnRole(id, 'kind', 'group');
    const after = await readDataset(id);
    expect(await roles()).toMatchObject({ kind: 'group', size: 'number' });
    expect(after.items).toEqual(before.items);
    expect(after.dataset.revision).toBe(before.dataset.revision! + 3);
    await setColumnRole(id, 'kind', 'group');
    expect((await readDataset(id)).dataset.revision).toBe(after.dataset.revision);
  });

  it('of picture, captions and split is not given up but to another column', async () => {
    for (const name of ['picture', 'text', 'split'])
      await expect(setColumnRole(id, name, 'none')).rejects.toMatchObject({ code: 'unfit' });
    await expect(setColumnRole(id, 'about', 'image')).rejects.toMatchObject({ code: 'unfit' });
    await expect(setColumnRole(id, 'gone', 'label')).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('captions', () => {
  it('come from the column that is given their role, and lie in the fields of theirs until they get it back', async () => {
    const before = await samples();
    await setColumnRole(id, 'about', 'caption');
    expect(await roles()).toMatchObject({ text: 'none', about: 'caption' });
    expect(await samples()).toMatchObject([
      { captions: ['made of leather'], fields: { text: ['a boot', 'the boot'], kind: 'boot' } },
      { captions: ['for running'], fields: { text: 'a shoe' } },
      { captions: [], fields: { text: 'a sock' } },
    ]);
    expect((await samples())[0]?.fields).not.toHaveProperty('about');
    await setColumnRole(id, 'text', 'caption');
    expect(await samples()).toEqual(before);
    expect(await roles()).toMatchObject({ text: 'caption', about: 'none' });
  });
});

describe('the split', () => {
  it('comes from a column that names parts, and pictures that it says nothing of stay where they are', async () => {
    const before = await samples();
    await setColumnRole(id, 'fold', 'split');
    expect((await samples()).map(({ split }) => split)).toEqual(['validation', 'train', before[2]?.split]);
    expect((await samples()).map(({ fields }) => fields['split'])).toEqual(before.map(({ split }) => split));
    await setColumnRole(id, 'split', 'split');
    expect((await samples()).map(({ split }) => split)).toEqual(before.map(({ split }) => split));
  });

  it('stays as it is where a column says something else', async () => {
    const before = await samples();
    await expect(setColumnRole(id, 'kind', 'split')).rejects.toThrow(/“kind” says “boot” of 0\.png, which is no part/);
    expect(await samples()).toEqual(before);
    expect(await roles()).toMatchObject({ split: 'split', kind: 'label' });
  });
});
