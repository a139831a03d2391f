import { expect, it } from 'vitest';
import { openSources } from './sources';
import { givenFile, makePng } from './testing/pictures';
import { makeZip, patchBlob } from './testing/zips';
import { zipLimits } from './zip';

const bytesOf = async (blob: Blob): Promise<Uint8Array<ArrayBuffer>> => new Uint8Array(await blob.arrayBuffer());

it('opens zips within zips, one level down', async () => {
  const deepest = await makeZip({ 'x.png': makePng(3) });
  const inner = await makeZip({ '0.png': makePng(0), 'deepest.zip': await bytesOf(deepest) });
  const outer = await makeZip({ 'sub/inner.zip': await bytesOf(inner), '5.png': makePng(5) });
  const { files, rejected } = await openSources([{ path: 'outer.zip', file: outer }]);
  expect(files.map(({ path }) => path)).toEqual([
    'outer/sub/inner/0.png',
    'outer/sub/inner/deepest.zip',
    'outer/5.png',
  ]);
  expect(await files[0]!.read()).toEqual(makePng(0));
  expect(rejected).toEqual([]);
});

it('keeps the limits across zips within zips, and names the one that is damaged', async () => {
  const inner = await makeZip({ 'a.txt': 'a', 'b.txt': 'b' });
  const outer = await makeZip({
    'one.txt': '1',
    'inner.zip': await bytesOf(inner),
    'cut.zip': 'PK no zip at all, really',
  });
  const open = (entries: number) => openSources([{ path: 'o.zip', file: outer }], undefined, { ...zipLimits, entries });
  const { files, rejected } = await open(3);
  expect(files.map(({ path }) => path)).toEqual(['o/one.txt', 'o/inner/a.txt', 'o/inner/b.txt']);
  expect(rejected).toEqual([{ path: 'o/cut.zip', reason: expect.stringMatching(/o\/cut\.zip is no zip/) as string }]);
  const more = await makeZip({ 'c.txt': 'c', 'd.txt': 'd', 'e.txt': 'e' });
  const crowded = await makeZip({ 'one.txt': '1', 'inner.zip': await bytesOf(inner), 'more.zip': await bytesOf(more) });
  const tight = await openSources([{ path: 'o.zip', file: crowded }], undefined, { ...zipLimits, entries: 4 });
  expect(tight.files).toHaveLength(3);
  expect(tight.rejected).toMatchObject([
    { path: 'o/more.zip', reason: expect.stringMatching(/more than 1 files/) as string },
  ]);
});

it('opens projects of Teachable Machine and zips without extension', async () => {
  const zip = await makeZip({ 'Dog-!-0.jpg': 'x' });
  const { files } = await openSources([
    { path: 'project.tm', file: zip },
    { path: 'export', file: zip },
    givenFile('notes', 'PK is not enough'),
  ]);
  expect(files.map(({ path }) => path)).toEqual(['project/Dog-!-0.jpg', 'export/Dog-!-0.jpg', 'notes']);
});

it('reads names in the encoding that they are written in', async () => {
  const zip = await makeZip({ 'QZ/0.png': makePng(0) });
  // 猫 in Shift-JIS.
  const named = await patchBlob(zip, new TextEncoder().encode('QZ/'), Uint8Array.of(0x94, 0x4c, 0x2f));
  const { files } = await openSources([{ path: 's.zip', file: named }]);
  expect(files.map(({ path }) => path)).toEqual(['s/猫/0.png']);
});
