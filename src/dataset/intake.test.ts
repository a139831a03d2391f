import 'fake-indexeddb/auto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { database } from '../storage/db';
import { importFiles, type ImportOptions } from './intake';
import { splitOf } from './split';
import {
  deleteDataset,
  listDatasets,
  readImageBlob,
  readImages,
  readThumbnail,
  renameDataset,
  resplit,
} from './storage';
import { givenFile, headerCodec, makePng } from './testing/pictures';
import { makeZip } from './testing/zips';
import { madeSource, type GivenFile } from './source';

function importInto(datasetId: string | null, files: readonly GivenFile[], options: ImportOptions = {}) {
  return importFiles({ datasetId, name: 'Shoes', files, origin: 'files' }, { codec: headerCodec, ...options });
}

function pictures(count: number, from = 0): GivenFile[] {
  return Array.from({ length: count }, (_, i) => [
    givenFile(`set/${from + i}.png`, makePng(from + i)),
    givenFile(`set/${from + i}.txt`, `picture number ${from + i}`),
  ]).flat();
}

async function storedCounts(): Promise<Record<string, number>> {
  const db = await database();
  return {
    datasets: await db.count('datasets'),
    images: await db.count('images'),
    imageBytes: await db.count('imageBytes'),
    thumbnails: await db.count('thumbnails'),
    settings: await db.count('settings'),
  };
}

afterEach(async () => {
  vi.restoreAllMocks();
  const db = await database();
  for (const store of db.objectStoreNames) await db.clear(store);
});

describe('importing', () => {
  it('stores pictures, captions, bytes and thumbnails, in natural order', async () => {
    const { datasetId, report } = await importInto(null, pictures(12));
    expect(report).toMatchObject({ added: 12, duplicates: 0, captions: 12, withoutCaption: 0, rejected: [] });
    const { items } = await readImages(datasetId);
    expect(items.map(({ captions }) => captions[0])).toEqual(
      Array.from({ length: 12 }, (_, i) => `picture number ${i}`),
    );
    const [first] = items;
    expect(first).toMatchObject({ media: [{ path: 'set/0.png', type: 'image/png', width: 8, height: 8 }], order: 0 });
    expect(new Uint8Array(await (await readImageBlob(first!))!.arrayBuffer())).toEqual(makePng(0));
    expect(await readThumbnail(first!.id)).not.toBeNull();
    expect((await listDatasets()).items).toMatchObject([{ id: datasetId, name: 'Shoes', origin: 'files' }]);
    expect((await storedCounts())['settings']).toBe(0);
  });

  it('counts duplicates, stores them once and joins their captions', async () => {
    const { datasetId, report } = await importInto(null, [
      givenFile('a.png', makePng(1)),
      givenFile('a.txt', 'a red shoe'),
      givenFile('b/a.png', makePng(1)),
      givenFile('b/a.txt', 'a shoe for running'),
      givenFile('c.png', makePng(2)),
      givenFile('c.txt', 'a boot'),
    ]);
    expect(report).toMatchObject({ added: 2, duplicates: 1, captions: 3 });
    const { items } = await readImages(datasetId);
    expect(items[0]?.captions).toEqual(['a red shoe', 'a shoe for running']);
  });

  it('adds to a dataset: keeps order and splits, joins captions of known pictures', async () => {
    const { datasetId } = await importInto(null, [...pictures(40), givenFile('set/bare.png', makePng(999))]);
    const before = (await readImages(datasetId)).items;
    const { report } = await importInto(datasetId, [
      ...pictures(5, 100),
      givenFile('set/bare.png', makePng(999)),
      givenFile('set/bare.txt', 'no longer bare'),
    ]);
    expect(report).toMatchObject({ added: 5, duplicates: 1, captions: 6, withoutCaption: 0 });
    const after = (await readImages(datasetId)).items;
    expect(after).toHaveLength(46);
    expect(after.slice(0, 41).map(({ split }) => split)).toEqual(before.map(({ split }) => split));
    expect(after.find(({ media: [{ path }] }) => path === 'set/bare.png')?.captions).toEqual(['no longer bare']);
    expect(new Set(after.map(({ order }) => order)).size).toBe(46);
  });

  it('names every file that was not taken, with a reason', async () => {
    const { report } = await importInto(null, [
      ...pictures(2),
      givenFile('set/empty.png', ''),
      givenFile('set/broken.png', new Uint8Array([...makePng(7), ...new TextEncoder().encode('broken')])),
      givenFile('set/photo.heic', 'x'),
      givenFile('set/page.jpg', '<!DOCTYPE html><html></html>'),
      givenFile('set/huge.png', hugePng()),
      givenFile('set/.DS_Store', 'x'),
      givenFile('__MACOSX/set/._1.png', 'x'),
      givenFile('__MACOSX/set/._2.png', 'x'),
      givenFile('set/notes.docx', 'x'),
      givenFile('set/lonely.txt', 'no picture'),
    ]);
    expect(report.added).toBe(2);
    const reasons = Object.fromEntries(report.rejected.map(({ path, reason }) => [path, reason]));
    expect(reasons['set/empty.png']).toMatch(/empty \(0 bytes\)/);
    expect(reasons['set/broken.png']).toMatch(/does not decode/);
    expect(reasons['set/photo.heic']).toMatch(/Convert it to JPEG or PNG/);
    expect(reasons['set/page.jpg']).toMatch(/web page/);
    expect(reasons['set/huge.png']).toMatch(/60 megapixels \(10000 × 6000\)/);
    expect(reasons['set/.DS_Store']).toMatch(/hidden/);
    expect(reasons['__MACOSX']).toMatch(/2 hidden/);
    expect(reasons['set/notes.docx']).toMatch(/Neither a picture/);
    expect(reasons['set/lonely.txt']).toMatch(/without a picture of the same name/);
    expect(Object.keys(reasons)).toHaveLength(9);
  });

  it('keeps pictures without a caption and counts them', async () => {
    const { datasetId, report } = await importInto(null, [...pictures(1), givenFile('set/bare.png', makePng(50))]);
    expect(report).toMatchObject({ added: 2, withoutCaption: 1 });
    expect((await readImages(datasetId)).items.map(({ captions }) => captions.length)).toEqual([1, 0]);
  });

  it('makes no dataset when nothing can be taken, and says why', async () => {
    await expect(importInto(null, [givenFile('cat.png', '')])).rejects.toThrow(
      /No picture could be taken. cat.png: The file is empty/,
    );
    const sounds = ['a.ogg', 'b.ogg', 'c.ogg'].map((path) => givenFile(path, 'x'));
    await expect(importInto(null, sounds)).rejects.toThrow(/taken\. a\.ogg and 2 more: Neither a picture[^:]*$/);
    await expect(importInto(null, [])).rejects.toThrow(/no pictures here/);
    expect((await storedCounts())['datasets']).toBe(0);
  });

  it('refuses SVG without a page to draw it, and stores the drawing with one', async () => {
    const svg = givenFile('logo.svg', '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 2"/>');
    await expect(importInto(null, [svg])).rejects.toThrow(/SVG pictures cannot be drawn here/);
    const { datasetId } = await importInto(null, [svg], { rasterizeSvg: () => Promise.resolve(makePng(1, 4, 2)) });
    expect((await readImages(datasetId)).items[0]).toMatchObject({
      media: [{ path: 'logo.svg', type: 'image/png', width: 4, height: 2 }],
    });
  });

  it('reports progress up to the end', async () => {
    const steps: (number | null)[][] = [];
    await importInto(null, pictures(70), { onProgress: ({ done, total }) => steps.push([done, total]) });
    expect(steps.at(-1)).toEqual([70, 70]);
  });
});

describe('an import that does not end well', () => {
  it('leaves no trace of a new dataset when cancelled after batches were written', async () => {
    const abort = new AbortController();
    let opened = 0;
    const running = importInto(null, pictures(300), {
      signal: abort.signal,
      codec: {
        inspect(bytes, type) {
          if (++opened === 200) abort.abort();
          return headerCodec.inspect(bytes, type);
        },
      },
    });
    await expect(running).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
    expect(await storedCounts()).toEqual({ datasets: 0, images: 0, imageBytes: 0, thumbnails: 0, settings: 0 });
  });

  it('takes back additions to a dataset and leaves its captions alone', async () => {
    const { datasetId } = await importInto(null, [...pictures(10), givenFile('set/bare.png', makePng(999))]);
    const before = (await readImages(datasetId)).items;
    const abort = new AbortController();
    let opened = 0;
    const running = importInto(
      datasetId,
      [givenFile('a/bare.png', makePng(999)), givenFile('a/bare.txt', 'late'), ...pictures(300, 100)],
      {
        signal: abort.signal,
        codec: {
          inspect(bytes, type) {
            if (++opened === 250) abort.abort();
            return headerCodec.inspect(bytes, type);
          },
        },
      },
    );
    await expect(running).rejects.toThrow();
    expect((await readImages(datasetId)).items).toEqual(before);
    expect(await storedCounts()).toMatchObject({ images: 11, imageBytes: 11, thumbnails: 11, settings: 0 });
  });

  it('says so when the disk is full, and loses nothing that was stored', async () => {
    const { datasetId } = await importInto(null, pictures(10));
    const before = (await readImages(datasetId)).items;
    const put = Reflect.get(IDBObjectStore.prototype, 'put') as (...parameters: unknown[]) => IDBRequest<IDBValidKey>;
    let puts = 0;
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...parameters) {
      if (this.name === 'imageBytes' && ++puts > 100) throw new DOMException('full', 'QuotaExceededError');
      return put.apply(this, parameters);
    });
    await expect(importInto(datasetId, pictures(300, 100))).rejects.toThrow(
      /no more room.*Nothing that was stored before is lost/,
    );
    vi.restoreAllMocks();
    expect((await readImages(datasetId)).items).toEqual(before);
    expect(await storedCounts()).toMatchObject({ images: 10, imageBytes: 10, settings: 0 });
  });

  it.each([
    ['once', 1],
    ['each time', Infinity],
  ] as const)(
    'goes on, or is taken back and told of, when the browser breaks a transaction off %s',
    async (_, times) => {
      const { datasetId } = await importInto(null, pictures(10));
      const before = (await readImages(datasetId)).items;
      const put = Reflect.get(IDBObjectStore.prototype, 'put') as (...parameters: unknown[]) => IDBRequest<IDBValidKey>;
      let broken = 0;
      vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...parameters) {
        const request = put.apply(this, parameters);
        if (this.name === 'thumbnails' && broken < times) {
          broken++;
          this.transaction.abort();
        }
        return request;
      });
      const added = importInto(datasetId, pictures(1, 100));
      if (times === 1) expect((await added).report).toMatchObject({ added: 1 });
      else await expect(added).rejects.toThrow(/broke off storing.*Nothing that was stored before is lost/);
      vi.restoreAllMocks();
      const { items } = await readImages(datasetId);
      expect(items.slice(0, 10)).toEqual(before);
      expect(items).toHaveLength(times === 1 ? 11 : 10);
      expect(await storedCounts()).toMatchObject({ images: items.length, imageBytes: items.length, settings: 0 });
    },
  );

  it('refuses before writing when the browser has no room', async () => {
    vi.stubGlobal('navigator', { storage: { estimate: () => Promise.resolve({ quota: 1000, usage: 990 }) } });
    await expect(importInto(null, pictures(3))).rejects.toThrow(/10 bytes are free/);
    vi.unstubAllGlobals();
    expect((await storedCounts())['images']).toBe(0);
  });

  it('is taken back at the next start when the tab died half-way', async () => {
    const { datasetId } = await importInto(null, pictures(5));
    const db = await database();
    const [image] = (await readImages(datasetId)).items;
    await db.put('images', { ...image, id: `${datasetId}/ffff`, order: 5 }, `${datasetId}/ffff`);
    await db.put('imageBytes', new ArrayBuffer(4), `${datasetId}/ffff`);
    await db.put('settings', { datasetId, from: 5, isNew: false }, `dataset-import/${datasetId}`);
    await db.put('images', { ...image, datasetId: 'new', id: 'new/aaaa' }, 'new/aaaa');
    await db.put('settings', { datasetId: 'new', from: 0, isNew: true }, 'dataset-import/new');
    await listDatasets();
    expect(await storedCounts()).toEqual({ datasets: 1, images: 5, imageBytes: 5, thumbnails: 5, settings: 0 });
  });
});

describe('a dataset that is edited while pictures are added', () => {
  /** Adds 150 pictures; `edit` happens once some of them are stored. */
  function importDuring(datasetId: string, edit: () => Promise<void>) {
    let edited: Promise<void> | null = null;
    let opened = 0;
    return importInto(datasetId, pictures(150, 100), {
      codec: {
        async inspect(bytes, type) {
          if (++opened === 100) edited = edit();
          await edited;
          return headerCodec.inspect(bytes, type);
        },
      },
    });
  }

  it('keeps its new name', async () => {
    const { datasetId } = await importInto(null, pictures(10));
    await importDuring(datasetId, () => renameDataset(datasetId, 'Boots'));
    expect((await listDatasets()).items).toMatchObject([{ id: datasetId, name: 'Boots' }]);
    expect((await readImages(datasetId)).items).toHaveLength(160);
  });

  it('keeps its new split, and the added pictures follow it', async () => {
    const { datasetId } = await importInto(null, pictures(10));
    const split = { seed: 9, validation: 0.4, test: 0 };
    await importDuring(datasetId, () => resplit(datasetId, split));
    expect((await listDatasets()).items).toMatchObject([{ split }]);
    const { items } = await readImages(datasetId);
    for (const image of items.slice(10)) expect(image.split).toBe(splitOf(image.hash, split));
  });

  it('stays deleted, with all that was added', async () => {
    const { datasetId } = await importInto(null, pictures(10));
    await expect(importDuring(datasetId, () => deleteDataset(datasetId))).rejects.toThrow(
      /deleted while pictures were added to it\. None of them was kept/,
    );
    expect(await storedCounts()).toEqual({ datasets: 0, images: 0, imageBytes: 0, thumbnails: 0, settings: 0 });
  });
});

it('does not take back an import that completes while another tab looks for interrupted ones', async () => {
  const { datasetId } = await importInto(null, pictures(3));
  const db = await database();
  const key = `dataset-import/${datasetId}`;
  await db.put('settings', { datasetId, from: 0, isNew: true }, key);
  vi.stubGlobal('navigator', {
    locks: {
      async request(_name: string, _options: unknown, action: (lock: unknown) => Promise<unknown>) {
        // The lock is granted only now that the import has completed.
        await db.delete('settings', key);
        return action({});
      },
    },
  });
  await listDatasets();
  vi.unstubAllGlobals();
  expect((await storedCounts())['images']).toBe(3);
});

it('refuses a file that no browser would store', async () => {
  const large = madeSource('large.png', 150e6, () => Promise.reject(new Error('must not be read')));
  const { report } = await importFiles(
    { datasetId: null, name: 'x', files: [large, ...pictures(1)], origin: 'files' },
    { codec: headerCodec },
  );
  expect(report.rejected).toEqual([
    { path: 'large.png', reason: expect.stringMatching(/150 MB, over the limit of 100 MB/) as string },
  ]);
});

describe('zips', () => {
  it('imports a zip like a folder', async () => {
    const zip = await makeZip({
      'metadata.jsonl': '{"file_name":"a.png","text":"one"}\n{"file_name":"b.png","text":"two"}',
      'a.png': makePng(1),
      'b.png': makePng(2),
    });
    const { datasetId, report } = await importInto(null, [{ path: 'shoes.zip', file: zip }]);
    expect(report).toMatchObject({ format: 'Hugging Face imagefolder', added: 2, captions: 2, rejected: [] });
    expect((await readImages(datasetId)).items.map(({ media: [{ path }] }) => path)).toEqual([
      'shoes/a.png',
      'shoes/b.png',
    ]);
  });

  it('takes the sound entries of a zip with a climbing path', async () => {
    const zip = await makeZip({ '../../evil.png': makePng(1), 'good.png': makePng(2) });
    const { report } = await importInto(null, [{ path: 'mixed.zip', file: zip }]);
    expect(report.added).toBe(1);
    expect(report.rejected).toEqual([
      { path: 'mixed.zip › ../../evil.png', reason: expect.stringMatching(/leads out of the zip/) as string },
    ]);
  });

  it('reports a damaged zip beside good files and fails when it is alone', async () => {
    const zip = await makeZip({ 'a.png': makePng(1) });
    const cut = zip.slice(0, zip.size - 30);
    const { report } = await importInto(null, [{ path: 'cut.zip', file: cut }, ...pictures(1)]);
    expect(report.rejected).toMatchObject([{ path: 'cut.zip' }]);
    await expect(importInto(null, [{ path: 'cut.zip', file: cut }])).rejects.toThrow(
      /cut\.zip is no zip, or it is cut short/,
    );
  });
});

/** The header of a PNG of 60 megapixels. */
function hugePng(): Uint8Array<ArrayBuffer> {
  const bytes = makePng(1);
  new DataView(bytes.buffer).setUint32(16, 10_000);
  new DataView(bytes.buffer).setUint32(20, 6_000);
  return bytes;
}
