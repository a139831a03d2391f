import 'fake-indexeddb/auto';
import { afterEach, expect, it } from 'vitest';
import { database } from '../storage/db';
import { setColumnRole } from './column-roles';
import { baseColumns } from './columns';
import { importFiles, type ImportOptions } from './intake';
import { readDataset } from './storage';
import { givenFile, headerCodec, makePng } from './testing/pictures';
import type { GivenFile } from './source';

afterEach(async () => {
  const db = await database();
  for (const store of db.objectStoreNames) await db.clear(store);
});

const importInto = (datasetId: string | null, files: readonly GivenFile[], options: ImportOptions = {}) =>
  importFiles({ datasetId, name: 'Shoes', files, origin: 'files' }, { codec: headerCodec, ...options });
const fieldsByPath = async (datasetId: string) =>
  Object.fromEntries((await readDataset(datasetId)).items.map(({ media: [{ path }], fields }) => [path, fields]));
const columnsOf = async (datasetId: string) =>
  Object.fromEntries((await readDataset(datasetId)).dataset.columns.map(({ name, role }) => [name, role]));
const pictures = [0, 1, 2].map((i) => givenFile(`${i}.png`, makePng(i)));

it('stores fields and columns, the captions called as the files call them', async () => {
  const csv = givenFile('metadata.csv', 'file_name,title,kind,price\n0.png,a boot,boot,20\n1.png,a shoe,shoe,\n');
  const { datasetId, report } = await importInto(null, [...pictures, csv]);
  expect(await columnsOf(datasetId)).toEqual({
    picture: 'image',
    title: 'caption',
    split: 'split',
    kind: 'label',
    price: 'number',
  });
  expect(await fieldsByPath(datasetId)).toEqual({
    '0.png': { kind: 'boot', price: '20' },
    '1.png': { kind: 'shoe' },
    '2.png': {},
  });
  expect(report).toMatchObject({ columns: ['kind', 'price'], filled: 0 });
});

it('adds columns to a dataset by name, fills those that are there, and leaves their roles alone', async () => {
  const first = givenFile('a.csv', 'file_name,text,kind\n0.png,a boot,boot\n1.png,a shoe,boot\n');
  const { datasetId } = await importInto(null, [...pictures, first]);
  const { report } = await importInto(datasetId, [
    givenFile('b.csv', 'file_name,kind,species,patient\n1.png,shoe,cow,7\n2.png,sock,sheep,8\n'),
  ]);
  expect(report).toMatchObject({ added: 0, filled: 2, columns: ['kind', 'species', 'patient'] });
  expect(await fieldsByPath(datasetId)).toEqual({
    '0.png': { kind: 'boot' },
    '1.png': { kind: 'shoe', species: 'cow', patient: '7' },
    '2.png': { kind: 'sock', species: 'sheep', patient: '8' },
  });
  expect(await columnsOf(datasetId)).toMatchObject({ kind: 'label', species: 'none', patient: 'group' });
});

it('calls a field otherwise that has the name of a column with a place of its own', async () => {
  const { datasetId } = await importInto(null, pictures);
  await importInto(datasetId, [givenFile('a.csv', 'file_name,text,caption,picture\n0.png,x,long,blurred\n')]);
  expect(await columnsOf(datasetId)).toEqual({
    picture: 'image',
    caption: 'caption',
    split: 'split',
    'caption 2': 'none',
    'picture 2': 'none',
  });
  expect((await fieldsByPath(datasetId))['0.png']).toEqual({ 'caption 2': 'long', 'picture 2': 'blurred' });
});

it('keeps of the same picture in two folders what the first says, and takes what later files say', async () => {
  const folders = ['cats/a.png', 'cats/b.png', 'dogs/a.png', 'dogs/c.png'];
  const files = folders.map((path, i) => givenFile(path, makePng(path.endsWith('a.png') ? 9 : i)));
  const { datasetId } = await importInto(null, files);
  expect(await fieldsByPath(datasetId)).toMatchObject({
    'cats/a.png': { label: 'cats' },
    'dogs/c.png': { label: 'dogs' },
  });
  await importInto(datasetId, [
    givenFile('cats/c.png', makePng(3)),
    ...[20, 21, 22].map((i) => givenFile(`dogs/${i}.png`, makePng(i))),
  ]);
  expect(await fieldsByPath(datasetId)).toMatchObject({ 'dogs/c.png': { label: 'cats' } });
});

it('has at most 64 columns besides picture, captions and split', async () => {
  const { datasetId } = await importInto(null, pictures);
  for (const prefix of ['a', 'b']) {
    const row = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`${prefix}${i}`, i]));
    const line = JSON.stringify({ file_name: '0.png', text: prefix, ...row });
    const { report } = await importInto(datasetId, [givenFile(`${prefix}.jsonl`, line)]);
    const note = expect.stringMatching(/Left out: b24, .*b39\.$/) as string;
    expect(report.notes).toEqual(prefix === 'a' ? [] : [note]);
  }
  expect(Object.keys(await columnsOf(datasetId))).toHaveLength(baseColumns.length + 64);
  expect(Object.keys((await fieldsByPath(datasetId))['0.png'] ?? {})).toHaveLength(64);
});

it('is taken back as a whole when an import does not end well', async () => {
  const { datasetId } = await importInto(null, pictures);
  const controller = new AbortController();
  const codec = {
    inspect: (...args: Parameters<typeof headerCodec.inspect>) => {
      controller.abort();
      return headerCodec.inspect(...args);
    },
  };
  const csv = givenFile('a.csv', 'file_name,text,kind\n0.png,x,boot\n8.png,y,shoe\n');
  const running = importInto(datasetId, [csv, givenFile('8.png', makePng(8))], { codec, signal: controller.signal });
  await expect(running).rejects.toThrow();
  expect(await columnsOf(datasetId)).toEqual({ picture: 'image', caption: 'caption', split: 'split' });
  expect(await fieldsByPath(datasetId)).toEqual({ '0.png': {}, '1.png': {}, '2.png': {} });
});

it('keeps all questions of a picture that is given twice, and adds those of later imports once', async () => {
  const rows = (...own: readonly (readonly [string, string, string])[]) =>
    own.map(([image, question, answer]) => JSON.stringify({ image, question, answer })).join('\n');
  const twice = [givenFile('0.png', makePng(0)), givenFile('copy/9.png', makePng(0))];
  const table = givenFile(
    'q.jsonl',
    rows(['0.png', 'red?', 'yes'], ['copy/9.png', 'big?', 'no'], ['copy/9.png', 'red?', 'yes']),
  );
  const { datasetId, report } = await importInto(null, [...twice, table]);
  expect(report).toMatchObject({ added: 1, duplicates: 1, captions: 0, questions: 2, withoutCaption: 0, rejected: [] });
  const first = { '0.png': { question: ['red?', 'big?'], answer: [['yes'], ['no']] } };
  expect(await fieldsByPath(datasetId)).toEqual(first);

  const again = await importInto(datasetId, [...twice, table]);
  expect(again.report).toMatchObject({ added: 0, questions: 0 });
  expect(await fieldsByPath(datasetId)).toEqual(first);

  const later = await importInto(datasetId, [
    givenFile('more.jsonl', rows(['0.png', 'old?', 'no'], ['0.png', 'red?', 'maybe'])),
  ]);
  expect(later.report).toMatchObject({ questions: 1, filled: 1 });
  expect(await fieldsByPath(datasetId)).toEqual({
    '0.png': { question: ['red?', 'big?', 'old?'], answer: [['yes', 'maybe'], ['no'], ['no']] },
  });
});

it('lets several columns be numbers, and one be the label', async () => {
  const csv = givenFile('m.csv', 'file_name,text,price,rating,kind\n0.png,a,1,2,x\n');
  const { datasetId } = await importInto(null, [...pictures, csv]);
  await setColumnRole(datasetId, 'rating', 'number');
  expect(await columnsOf(datasetId)).toMatchObject({ price: 'number', rating: 'number', kind: 'label' });
  await setColumnRole(datasetId, 'price', 'label');
  expect(await columnsOf(datasetId)).toMatchObject({ price: 'label', rating: 'number', kind: 'none' });
});
