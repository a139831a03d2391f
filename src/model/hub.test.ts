import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { catalogue, isEmbedded } from './catalogue';
import { hubFiles, hubIdOf, parseHubId } from './hub';
import { folderOf, serve, type TestServer } from './testing/serve';

describe('parseHubId', () => {
  test.each([
    ['openai/clip', { name: 'openai/clip', revision: 'main' }],
    ['clip', { name: 'clip', revision: 'main' }],
    ['openai/clip@refs/pr/15', { name: 'openai/clip', revision: 'refs/pr/15' }],
    ['openai/clip@v1.0', { name: 'openai/clip', revision: 'v1.0' }],
  ])('takes %s apart', (id, model) => {
    expect(parseHubId(id)).toEqual(model);
  });

  test.each([
    '',
    '../secret',
    'a/b/c',
    'a/..',
    'a b',
    'a/b@',
    'a/b@../x',
    'a/b@x/..',
    'a/b@refs//pr',
    'a/b?x',
    'a/b#x',
  ])('knows that "%s" is no id', (id) => {
    expect(parseHubId(id)).toBeNull();
  });

  test('understands every model of the catalogue', () => {
    for (const { id } of catalogue) if (!isEmbedded(id)) expect(parseHubId(id)?.name).toContain('/');
  });
});

test.each([
  ['openai/clip', 'openai/clip'],
  [' openai/clip/ ', 'openai/clip'],
  ['https://huggingface.co/openai/clip', 'openai/clip'],
  ['https://huggingface.co/openai/clip/tree/main', 'openai/clip'],
  ['https://huggingface.co/openai/clip/tree/refs%2Fpr%2F15', 'openai/clip@refs/pr/15'],
  ['https://huggingface.co/openai/clip/blob/v1.0/config.json', 'openai/clip@v1.0'],
  ['https://huggingface.co/openai/clip/resolve/main/model.safetensors?download=true', 'openai/clip'],
  ['openai/clip@refs/pr/15', 'openai/clip@refs/pr/15'],
])('hubIdOf finds the model in %s', (text, id) => {
  expect(hubIdOf(text)).toBe(id);
});

describe('hubFiles', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await serve();
  });
  afterAll(() => server.close());

  test('reads a file of the main branch, and of a revision', async () => {
    const main = Uint8Array.of(1, 2);
    const other = Uint8Array.of(3);
    server.answer = folderOf({
      '/hub/openai/clip/resolve/main/config.json': main,
      '/hub/openai/clip/resolve/refs%2Fpr%2F15/config.json': other,
    });
    const base = `${server.address}/hub/`;
    expect(await hubFiles(base, 'openai/clip').read('config.json')).toEqual(main);
    expect(await hubFiles(base, 'openai/clip@refs/pr/15').read('config.json')).toEqual(other);
    expect(await hubFiles(base, 'openai/clip').read('model.safetensors')).toBeNull();
  });

  test('refuses what is no name and no address, with how to write it', () => {
    expect(() => hubFiles(server.address, '../../etc')).toThrow(/no model name\. Write it as owner\/name/);
    for (const base of ['huggingface', 'ftp://host', 'javascript:alert(1)', '']) {
      expect(() => hubFiles(base, 'openai/clip')).toThrow(/no web address\. Write it as https:\/\/host/);
    }
  });
});
