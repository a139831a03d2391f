import 'fake-indexeddb/auto';
import { afterEach, describe, expect, it } from 'vitest';
import { database } from '../storage/db';
import { importFiles } from './intake';
import { readImages } from './storage';
import { givenFile, headerCodec, makePng } from './testing/pictures';
import type { GivenFile } from './source';

function importInto(datasetId: string | null, files: readonly GivenFile[]) {
  return importFiles({ datasetId, name: 'Shoes', files, origin: 'files' }, { codec: headerCodec });
}

async function captionsByPath(datasetId: string): Promise<Record<string, readonly string[]>> {
  return Object.fromEntries(
    (await readImages(datasetId)).items.map(({ media: [{ path }], captions }) => [path, captions]),
  );
}

afterEach(async () => {
  const db = await database();
  for (const store of db.objectStoreNames) await db.clear(store);
});

describe('captions for pictures that are stored already', () => {
  const pictures = [0, 1, 2].map((i) => givenFile(`${i}.png`, makePng(i)));

  it('are stored, without the pictures being given again', async () => {
    const { datasetId } = await importInto(null, pictures);
    const before = (await readImages(datasetId)).items;
    const { report } = await importInto(datasetId, [
      givenFile('captions.csv', 'file_name,text\n0.png,late zero\n1.png,late one\n'),
      givenFile('2.txt', 'late two'),
    ]);
    expect(report).toMatchObject({ added: 0, duplicates: 0, captioned: 3, captions: 3, rejected: [] });
    expect(await captionsByPath(datasetId)).toEqual({
      '0.png': ['late zero'],
      '1.png': ['late one'],
      '2.png': ['late two'],
    });
    const after = (await readImages(datasetId)).items;
    expect(after.map(({ split, order }) => [split, order])).toEqual(before.map(({ split, order }) => [split, order]));
  });

  it('join those that a picture has, and count once', async () => {
    const { datasetId } = await importInto(null, [...pictures, givenFile('0.txt', 'early')]);
    const csv = givenFile('captions.csv', 'file_name,text\n0.png,late\n');
    const first = await importInto(datasetId, [csv, givenFile('new.png', makePng(9))]);
    expect(first.report).toMatchObject({ added: 1, captioned: 1, captions: 1, withoutCaption: 1 });
    expect((await captionsByPath(datasetId))['0.png']).toEqual(['early', 'late']);
    const again = await importInto(datasetId, [csv]);
    expect(again.report).toMatchObject({ added: 0, captioned: 0, captions: 0 });
  });

  it('that fit no picture are refused with the reason', async () => {
    const { datasetId } = await importInto(null, pictures);
    await expect(importInto(datasetId, [givenFile('c.csv', 'file_name,text\n7.png,x\n8.png,y\n')])).rejects.toThrow(
      /All 2 rows name pictures that are not among the files \(such as 7\.png\)/,
    );
  });
});

it('keeps the splits that files give, and says that none is for testing', async () => {
  const files = Array.from({ length: 30 }, (_, i) =>
    givenFile(`${i < 25 ? 'train2017' : 'val2017'}/${i}.png`, makePng(i)),
  );
  const { datasetId, report } = await importInto(null, files);
  const { items } = await readImages(datasetId);
  expect(
    items.map(({ media: [{ path }], split }) => path.startsWith('train2017') === (split === 'train')),
  ).not.toContain(false);
  expect(items.filter(({ split }) => split === 'validation')).toHaveLength(5);
  expect(report.notes).toEqual([expect.stringMatching(/none is for testing/)]);
});
