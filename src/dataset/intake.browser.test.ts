import { afterEach, expect, it } from 'vitest';
import { database } from '../storage/db';
import { decodeImage } from './codec';
import { importFiles } from './intake';
import { readImageBlob, readImages, readThumbnail } from './storage';
import { serveRasterizer } from './svg-bridge/page';
import { rasterizeOnPage } from './svg-bridge/worker';
import { encodePicture } from './testing/canvas';
import { givenFile } from './testing/pictures';
import { makeZip } from './testing/zips';

/** A red AVIF of 6 × 4 pixels. */
const avif = Uint8Array.from(
  atob(
    'AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUIAAADrbWV0YQAAAAAAAAAhaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAAAAAAAAAOcGl0bQAAAAAAAQAAAB5pbG9jAAAAAEQAAAEAAQAAAAEAAAETAAAAKQAAAChpaW5mAAAAAAABAAAAGmluZmUCAAAAAAEAAGF2MDFDb2xvcgAAAABqaXBycAAAAEtpcGNvAAAAFGlzcGUAAAAAAAAABgAAAAQAAAAQcGl4aQAAAAADCAgIAAAADGF2MUOBAAwAAAAAE2NvbHJuY2x4AAEADQAGgAAAABdpcG1hAAAAAAAAAAEAAQQBAoMEAAAAMW1kYXQSAAoIGAhu0QENBoQyGxeHh4YhhJJJJlAAAABIVDZhrGJrqxZipxIe0A==',
  ),
  (letter) => letter.charCodeAt(0),
);

afterEach(async () => {
  const db = await database();
  for (const store of db.objectStoreNames) await db.clear(store);
});

it('imports every picture format from a zip and shows what was not taken', async () => {
  // The page's own drawing is tested with the component; here the request must reach it and its answer be stored.
  const stop = serveRasterizer(async (bytes, width, height) => {
    if (!new TextDecoder().decode(bytes).endsWith('</svg>')) throw new Error('The SVG cannot be drawn.');
    return encodePicture(width, height, 'image/png');
  });
  const jpeg = await encodePicture(300, 200, 'image/jpeg');
  const zip = await makeZip({
    'images/photo.jpg': jpeg,
    'images/photo.txt': 'a photo',
    'images/lossless.png': await encodePicture(400, 100, 'image/png'),
    'images/web.webp': await encodePicture(50, 40, 'image/webp'),
    'images/new.avif': avif,
    'images/drawing.svg': '<svg viewBox="0 0 20 10"><g/></svg>',
    'images/bad.svg': '<svg viewBox="0 0 20 10"><rect',
    'images/cut.jpg': jpeg.slice(0, jpeg.length / 2),
    'images/photo.heic': 'x',
  });
  const { datasetId, report } = await importFiles(
    { datasetId: null, name: 'All', files: [{ path: 'all.zip', file: zip }], origin: 'files' },
    { rasterizeSvg: rasterizeOnPage },
  );
  stop();
  expect(report).toMatchObject({ added: 5, captions: 1, withoutCaption: 4 });
  expect(report.rejected.map(({ path, reason }) => [path.split('/').pop(), reason])).toEqual([
    ['photo.heic', expect.stringMatching(/HEIC.*Convert/)],
    ['bad.svg', expect.stringMatching(/SVG cannot be drawn/)],
    ['cut.jpg', expect.stringMatching(/does not decode/)],
  ]);
  const { items } = await readImages(datasetId);
  expect(
    items.map(({ media: [{ path, type, width, height }] }) => [path.split('/').pop(), type, width, height]),
  ).toEqual([
    ['drawing.svg', 'image/png', 512, 256],
    ['lossless.png', 'image/png', 400, 100],
    ['new.avif', 'image/avif', 6, 4],
    ['photo.jpg', 'image/jpeg', 300, 200],
    ['web.webp', 'image/webp', 50, 40],
  ]);
  const drawing = await decodeImage((await readImageBlob(items[0]!))!);
  expect([...drawing.data.subarray(0, 4)]).toEqual([0, 0, 255, 255]);
  const red = await decodeImage((await readImageBlob(items[2]!))!);
  expect(red.data[0]).toBeGreaterThan(230);
  for (const { id } of items) expect(await createImageBitmap((await readThumbnail(id))!)).toBeTruthy();
});

it('imports the same pictures twice without storing them twice', async () => {
  const files = [givenFile('a.png', await encodePicture(20, 20, 'image/png')), givenFile('a.txt', 'first')];
  const request = { name: 'Twice', files, origin: 'files' };
  const { datasetId } = await importFiles({ ...request, datasetId: null });
  const { report } = await importFiles({ ...request, datasetId, files: [files[0]!, givenFile('a.txt', 'second')] });
  expect(report).toMatchObject({ added: 0, duplicates: 1, captions: 1 });
  expect((await readImages(datasetId)).items[0]?.captions).toEqual(['first', 'second']);
});
