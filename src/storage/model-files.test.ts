import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import { database } from './db';
import { deleteModel, listModelFiles, listStoredModels, putModelFile, readModelFile } from './model-files';
import { cutPieces, joinPieces, pieceBytes } from './pieces';

const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i % 251);

test('a file comes back as it was stored, and the files of other models stay apart', async () => {
  await putModelFile('openai/clip', 'config.json', bytes(10));
  await putModelFile('openai/clip', 'model.safetensors', bytes(1000));
  await putModelFile('openai/clip-large', 'config.json', bytes(3));
  expect(await readModelFile('openai/clip', 'model.safetensors')).toEqual(bytes(1000));
  expect(await listModelFiles('openai/clip')).toEqual(['config.json', 'model.safetensors']);
  const stored = await listStoredModels();
  expect(stored).toHaveLength(2);
  expect(stored).toContainEqual({ model: 'openai/clip', bytes: 1010 });
  expect(stored).toContainEqual({ model: 'openai/clip-large', bytes: 3 });
  await deleteModel('openai/clip');
  expect(await readModelFile('openai/clip', 'config.json')).toBeNull();
  expect(await readModelFile('openai/clip-large', 'config.json')).toEqual(bytes(3));
});

test('an empty file is a file', async () => {
  await putModelFile('m', 'merges.txt', bytes(0));
  expect(await readModelFile('m', 'merges.txt')).toEqual(bytes(0));
});

test('a shorter file replaces a longer one wholly, and a file that lost a piece does not exist', async () => {
  await putModelFile('m', 'big', bytes(pieceBytes + 5));
  expect((await readModelFile('m', 'big'))?.length).toBe(pieceBytes + 5);
  await putModelFile('m', 'big', bytes(5));
  expect(await readModelFile('m', 'big')).toEqual(bytes(5));
  const db = await database();
  await db.delete('modelFiles', 'm/big#00000');
  expect(await readModelFile('m', 'big')).toBeNull();
});

test('pieces are cut and joined', () => {
  expect([...cutPieces(bytes(10), 4)].map((piece) => piece.byteLength)).toEqual([4, 4, 2]);
  expect(joinPieces([...cutPieces(bytes(10), 4)])).toEqual(bytes(10));
  expect([...cutPieces(bytes(8), 4)]).toHaveLength(2);
});
