import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { listModelFiles, putModelFile } from '../storage/model-files';
import { FakeLocks } from '../storage/testing/locks';
import { deleteBaseModel, usingBaseModel } from './base-model';

beforeEach(() => {
  vi.stubGlobal('navigator', { locks: new FakeLocks() });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

it('no model is deleted that a run trains, whichever tab asks, and others are', async () => {
  for (const model of ['someone/clip', 'local/clip']) await putModelFile(model, 'config.json', new Uint8Array(3));
  let end = (): void => undefined;
  const training = usingBaseModel('someone/clip', () => new Promise<void>((resolve) => (end = resolve)));
  await expect(deleteBaseModel('someone/clip')).rejects.toMatchObject({
    code: 'busy',
    message: expect.stringContaining('A run is training this model') as string,
  });
  expect(await listModelFiles('someone/clip')).toEqual(['config.json']);
  await deleteBaseModel('local/clip');
  expect(await listModelFiles('local/clip')).toEqual([]);
  end();
  await training;
  await deleteBaseModel('someone/clip');
  expect(await listModelFiles('someone/clip')).toEqual([]);
});
