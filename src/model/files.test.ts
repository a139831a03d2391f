import { describe, expect, test } from 'vitest';
import { ModelError } from './errors';
import { droppedFiles, keptFiles, type ModelFileCache, type ModelFiles } from './files';

const text = (content: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(content);

describe('droppedFiles', () => {
  test('finds files by their names, whatever folder they lie in, and tells how far it is', async () => {
    const told: (readonly [string, number, number | null])[] = [];
    const files = droppedFiles([{ name: 'clip/config.json', file: new Blob(['{}']) }], {
      onProgress: (...progress) => told.push(progress),
    });
    expect(await files.read('config.json')).toEqual(text('{}'));
    expect(await files.read('model.safetensors')).toBeNull();
    expect(told).toEqual([
      ['config.json', 0, 2],
      ['config.json', 2, 2],
    ]);
  });

  test('an empty file is an error, and cancelling one too', async () => {
    const files = [{ name: 'config.json', file: new Blob([]) }];
    await expect(droppedFiles(files).read('config.json')).rejects.toThrow('config.json is empty. Download it again.');
    const signal = AbortSignal.abort();
    await expect(droppedFiles(files, { signal }).read('config.json')).rejects.toMatchObject({ name: 'AbortError' });
  });
});

/** A source that counts what is read of it. */
function counted(
  files: Readonly<Record<string, string>>,
): ModelFiles & { readonly read: ModelFiles['read']; asked: string[] } {
  const asked: string[] = [];
  return {
    place: 'the source',
    asked,
    read(name) {
      asked.push(name);
      const file = files[name];
      return Promise.resolve(file === undefined ? null : text(file));
    },
  };
}

function memory(): ModelFileCache & { readonly kept: Map<string, Uint8Array<ArrayBuffer>> } {
  const kept = new Map<string, Uint8Array<ArrayBuffer>>();
  return {
    kept,
    read: (name) => Promise.resolve(kept.get(name) ?? null),
    write: (name, bytes) => {
      kept.set(name, new Uint8Array(bytes));
      return Promise.resolve();
    },
  };
}

describe('keptFiles', () => {
  test('goes on where an interrupted opening stopped: what was kept is not read again', async () => {
    const cache = memory();
    const first = counted({ 'config.json': '{}', 'model.safetensors': 'weights' });
    await keptFiles(first, cache).read('config.json');
    const second = counted({ 'config.json': '{}', 'model.safetensors': 'weights' });
    const files = keptFiles(second, cache);
    expect(await files.read('config.json')).toEqual(text('{}'));
    expect(await files.read('model.safetensors')).toEqual(text('weights'));
    expect(second.asked).toEqual(['model.safetensors']);
  });

  test('before a model was read to its end, a file that is not kept is asked for', async () => {
    const cache = memory();
    await keptFiles(counted({}), cache).read('vocab.json');
    const source = counted({ 'vocab.json': '{}' });
    expect(await keptFiles(source, cache).read('vocab.json')).toEqual(text('{}'));
  });

  test('after that it asks the source for nothing, not even for files that are not there', async () => {
    const cache = memory();
    const files = keptFiles(counted({ 'config.json': '{}' }), cache);
    await files.read('config.json');
    await files.read('vocab.json');
    await files.finish();
    const source = counted({ 'config.json': 'other' });
    const again = keptFiles(source, cache);
    expect(await again.read('config.json')).toEqual(text('{}'));
    expect(await again.read('vocab.json')).toBeNull();
    expect(source.asked).toEqual([]);
  });

  test('a file that older listings say nothing of is asked for, and may fail to come where there is no network', async () => {
    const cache = memory();
    cache.kept.set('config.json', text('{}'));
    cache.kept.set('.vernier-files.json', text('["config.json"]'));
    const source = counted({ 'processor_config.json': '{}' });
    const offline: ModelFiles = {
      place: 'the source',
      read: () => Promise.reject(new ModelError('network', 'No network.')),
    };
    expect(await keptFiles(offline, cache).read('processor_config.json')).toBeNull();
    const files = keptFiles(source, cache);
    expect(await files.read('config.json')).toEqual(text('{}'));
    expect(await files.read('processor_config.json')).toEqual(text('{}'));
    expect(await files.read('added_tokens.json')).toBeNull();
    await files.finish();
    source.asked.length = 0;
    const again = keptFiles(source, cache);
    expect(await again.read('processor_config.json')).toEqual(text('{}'));
    expect(await again.read('added_tokens.json')).toBeNull();
    expect(source.asked).toEqual([]);
  });

  test('storage that takes no file keeps no model from being read, and is told of at its end', async () => {
    const full: ModelFileCache = { ...memory(), write: () => Promise.reject(new Error('No room.')) };
    const files = keptFiles(counted({ 'config.json': '{}' }), full);
    expect(await files.read('config.json')).toEqual(text('{}'));
    expect(await files.finish()).toBe('No room.');
    const roomy = keptFiles(counted({ 'config.json': '{}' }), memory());
    await roomy.read('config.json');
    expect(await roomy.finish()).toBeNull();
  });
});
