import 'fake-indexeddb/auto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { readSafetensors } from '../../model/safetensors';
import { writeSafetensors } from '../../model/testing/safetensors';
import { folderOf, serve, type TestServer } from '../../model/testing/serve';
import { database } from '../../storage/db';
import { deleteModel, listModelFiles } from '../../storage/model-files';
import { keptId, parseKeptId } from '../../model/kept-id';
import { isCancelled } from '../../protocol/errors';
import { ModelLibrary } from './models';
import { weightsDigest } from './weights-digest';

const names = ['config.json', 'tokenizer.json', 'preprocessor_config.json', 'README.md', 'model.safetensors'] as const;
const id = 'someone/some-clip';
const weights = 'model.safetensors';

let server: TestServer;
let shipped: Readonly<Record<(typeof names)[number], Uint8Array>>;

beforeAll(async () => {
  server = await serve();
  const folder = new URL('../../../public/models/seed-clip/', import.meta.url);
  const read = await Promise.all(
    names.map(async (name) => [name, new Uint8Array(await readFile(new URL(name, folder)))]),
  );
  shipped = Object.fromEntries(read) as typeof shipped;
});
beforeEach(async () => {
  await deleteModel(kept());
  server.asked.length = 0;
});
afterAll(() => server.close());

const library = (): ModelLibrary => new ModelLibrary(() => 'http://127.0.0.1:1/');
const open = (options: Parameters<ModelLibrary['open']>[2] = {}) => library().open(id, server.address, options);
/** What the model is kept under. */
const kept = (): string => keptId(server.address, id);
const pathOf = (name: string): string => `/${id}/resolve/main/${name}`;
/** Serves the files of the shipped model, some of them replaced or, with null, missing. */
function offer(changes: Readonly<Record<string, Uint8Array | null>> = {}): void {
  const files = Object.entries({ ...shipped, ...changes }).flatMap(([name, bytes]) =>
    bytes === null ? [] : [[pathOf(name), bytes]],
  );
  server.answer = folderOf(Object.fromEntries(files) as Record<string, Uint8Array>);
}
/** Serves the shipped model, but of its weights only the beginning; then `then` happens. */
function offerHalf(then: (end: () => void) => void): void {
  offer();
  const whole = server.answer;
  server.answer = (request, response) => {
    if (request.url !== pathOf(weights)) return whole(request, response);
    response.writeHead(200, { 'content-length': shipped[weights].length });
    response.write(shipped[weights].subarray(0, 2_000_000), () => then(() => response.destroy()));
  };
}

describe('a model of a hub', () => {
  test('is fetched with its progress once, and opens from then on without the hub', async () => {
    offer();
    const told: (readonly [string, number, number | null])[] = [];
    const model = await open({ onProgress: (...progress) => told.push(progress) });
    const size = shipped[weights].length;
    expect(told.filter(([file]) => file === weights).at(-1)).toEqual([weights, size, size]);
    expect(model.summary).toMatchObject({ id, name: id, parameters: 5_365_633, license: 'apache-2.0' });

    server.asked.length = 0;
    const later = library();
    later.nameHub(server.address);
    const again = await later.open(id);
    expect(again.tensors.get('visual_projection.weight')).toEqual(model.tensors.get('visual_projection.weight'));
    expect(server.asked).toEqual([]);
  });

  test('may have its weights in several files', async () => {
    const tensors = [...readSafetensors(shipped[weights], weights).values()];
    const half = Math.floor(tensors.length / 2);
    const shards = { 'model-1.safetensors': tensors.slice(0, half), 'model-2.safetensors': tensors.slice(half) };
    const files = Object.entries(shards).map(([name, part]): [string, Uint8Array] => [name, writeSafetensors(part)]);
    const weight_map = Object.fromEntries(
      Object.entries(shards).flatMap(([file, part]) => part.map(({ name }) => [name, file])),
    );
    const index = new TextEncoder().encode(JSON.stringify({ weight_map }));
    offer({ [weights]: null, 'model.safetensors.index.json': index, ...Object.fromEntries(files) });
    const model = await open();
    expect(model.summary.parameters).toBe(5_365_633);
    expect(await listModelFiles(kept())).toEqual(
      expect.arrayContaining(['model-1.safetensors', 'model-2.safetensors']),
    );

    await deleteModel(kept());
    offer({ [weights]: null, 'model.safetensors.index.json': index, 'model-1.safetensors': files[0]?.[1] ?? null });
    await expect(open()).rejects.toThrow('There is no model-2.safetensors at');
  });

  test('of another hub is another model, even under one id', async () => {
    offer();
    const studio = library();
    const first = await studio.open(id, server.address);
    const mirror = `${server.address}/mirror/`;
    const tensors = [...readSafetensors(shipped[weights], weights).values()];
    const changed = writeSafetensors(
      tensors.map((tensor) =>
        tensor.name === 'logit_scale' ? { ...tensor, bytes: tensor.bytes.map((byte) => byte ^ 1) } : tensor,
      ),
    );
    server.answer = folderOf(
      Object.fromEntries(names.map((name) => [`/mirror${pathOf(name)}`, name === weights ? changed : shipped[name]])),
    );
    const second = await studio.open(id, mirror);
    expect(second.hub).toBe(`${server.address}/mirror`);
    expect(second.key).not.toBe(first.key);
    expect(await weightsDigest(second.loaded)).not.toBe(await weightsDigest(first.loaded));
    expect(second.tensors.get('logit_scale')).not.toEqual(first.tensors.get('logit_scale'));
    // Both are kept, each for its own hub, and open without either.
    server.asked.length = 0;
    const [again, other] = [library(), library()];
    expect((await again.open(id, server.address)).tensors.get('logit_scale')).toEqual(first.tensors.get('logit_scale'));
    expect((await other.open(id, mirror)).tensors.get('logit_scale')).toEqual(second.tensors.get('logit_scale'));
    expect(server.asked).toEqual([]);
    await deleteModel(second.key);
  });

  test('of the usual hub is kept under its plain id, as it always was', () => {
    expect(keptId('https://huggingface.co/', id)).toBe(id);
    for (const hub of ['https://hub.example', 'http://127.0.0.1:8080/some/path']) {
      expect(parseKeptId(keptId(hub, id))).toEqual({ id, hub });
    }
    expect(parseKeptId(id)).toEqual({ id, hub: null });
    expect(parseKeptId('local/shoes')).toEqual({ id: 'local/shoes', hub: null });
  });

  test('goes on after a connection that broke off, with what is kept', async () => {
    offerHalf((end) => setTimeout(end, 30));
    await expect(open({ waits: [] })).rejects.toThrow(/broke off|could not be reached/);
    offer();
    server.asked.length = 0;
    expect((await open()).id).toBe(id);
    expect(server.asked).toContain(pathOf(weights));
    expect(server.asked).not.toContain(pathOf('config.json'));
    expect(server.asked).not.toContain(pathOf('tokenizer.json'));
  });

  test('can be cancelled in the middle of its weights, and opened again', async () => {
    const controller = new AbortController();
    offerHalf(() => undefined);
    const studio = library();
    const opening = studio.open(id, server.address, {
      signal: controller.signal,
      onProgress: (file, loaded) => {
        if (file === weights && loaded > 0) controller.abort();
      },
    });
    const error: unknown = await opening.catch((reason: unknown) => reason);
    expect(isCancelled(error)).toBe(true);
    expect(await listModelFiles(kept())).not.toContain(weights);
    offer();
    expect((await studio.open(id, server.address)).id).toBe(id);
  });

  test('that one request takes back is still opened for another', async () => {
    offer();
    const studio = library();
    const controller = new AbortController();
    const first = studio.open(id, server.address, { signal: controller.signal });
    const second = studio.open(id, server.address);
    controller.abort();
    await expect(first).rejects.toMatchObject({ name: 'AbortError' });
    expect((await second).id).toBe(id);
  });

  test('with a damaged file is refused and not kept, so that it can be repaired on the hub', async () => {
    offer({ [weights]: shipped[weights].subarray(0, 100_000) });
    await expect(open()).rejects.toThrow(/model\.safetensors is not a sound safetensors file/);
    expect(await listModelFiles(kept())).toEqual([]);
    offer({ 'config.json': new TextEncoder().encode('<html>') });
    await expect(open()).rejects.toThrow('config.json is no JSON file. Download it again.');
    expect(await listModelFiles(kept())).toEqual([]);
    offer();
    expect((await open()).id).toBe(id);
  });

  test('without anything, or with older weights alone, is refused with the way out', async () => {
    offer(Object.fromEntries(names.map((name) => [name, null])));
    await expect(open()).rejects.toThrow(/There is no config\.json at .*someone\/some-clip.*Check that the name/);
    offer({ [weights]: null, 'pytorch_model.bin': Uint8Array.of(1) });
    await expect(open()).rejects.toThrow(/only pytorch_model\.bin, open a revision .*@refs\/pr\/15.*save_pretrained/);
    expect(server.asked).not.toContain(pathOf('pytorch_model.bin'));
  });
});

describe('a model of the disk', () => {
  const files = () =>
    names.map((name) => ({ name: `folder/${name}`, file: new Blob([new Uint8Array(shipped[name])]) }));

  test('is kept under a plain name, and opens by it', async () => {
    const model = await library().import('My shoes, v2!', files());
    expect(model.summary).toMatchObject({ id: 'local/My-shoes-v2', name: 'My shoes, v2!' });
    expect((await library().open('local/My-shoes-v2')).summary.parameters).toBe(5_365_633);
  });

  test('that does not open replaces nothing that is stored', async () => {
    await library().import('shoes', files());
    await expect(library().import('shoes', files().slice(0, 2))).rejects.toThrow(/There is no/);
    const adapter = { name: 'adapter_config.json', file: new Blob(['{"peft_type":"LORA"}']) };
    await expect(library().import('lora', [adapter])).rejects.toThrow('This is an adapter (LORA, adapter_config.json)');
    const older = [
      ...files().filter(({ name }) => !name.endsWith(weights)),
      { name: 'pytorch_model.bin', file: new Blob(['x']) },
    ];
    await expect(library().import('shoes', older)).rejects.toThrow('The weights are there as pytorch_model.bin only');
    expect((await library().open('local/shoes')).summary.parameters).toBe(5_365_633);
  });

  /** The same model but for one weight, which a run of the other would not notice. */
  const others = () => {
    const tensors = [...readSafetensors(shipped[weights], weights).values()];
    const bytes = writeSafetensors(
      tensors.map((tensor) => {
        if (tensor.name !== 'logit_scale') return tensor;
        const bytes = new Uint8Array(tensor.bytes);
        bytes[0] = (bytes[0] ?? 0) ^ 1;
        return { ...tensor, bytes };
      }),
    );
    return [...files().filter(({ name }) => !name.endsWith(weights)), { name: weights, file: new Blob([bytes]) }];
  };

  test('of a name that another has gets a number, and the other stays as it is', async () => {
    const first = await library().import('twins', files());
    const second = await library().import('twins', others());
    expect(second.summary).toMatchObject({ id: 'local/twins-2', name: 'twins-2' });
    const scaleOf = async (id: string) => (await library().open(id)).tensors.get('logit_scale');
    expect(await scaleOf('local/twins')).toEqual(first.tensors.get('logit_scale'));
    expect(await scaleOf('local/twins-2')).toEqual(second.tensors.get('logit_scale'));
    expect(await scaleOf('local/twins-2')).not.toEqual(await scaleOf('local/twins'));
    expect((await library().import('twins', others())).id).toBe('local/twins-2');
    expect((await library().import('twins', files())).id).toBe('local/twins');
    expect(await listModelFiles('local/twins-3')).toEqual([]);
  });

  test('that there is no room for takes nothing from the one that is stored', async () => {
    await library().import('full', files());
    const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    await expect(library().import('full', others())).rejects.toThrow('no more room');
    put.mockRestore();
    expect((await library().open('local/full')).summary.parameters).toBe(5_365_633);
    expect(await listModelFiles('local/full-2')).toEqual([]);
    expect((await library().import('full', others())).id).toBe('local/full-2');
  });

  test('of which a closed tab stored a part is completed in its place', async () => {
    await library().import('part', files());
    const db = await database();
    await db.delete('modelFiles', `local/part/${weights}`);
    expect((await library().import('part', files())).id).toBe('local/part');
    expect((await library().open('local/part')).summary.parameters).toBe(5_365_633);
  });

  test('that was deleted leaves its id to the same files alone, since runs may rest on it', async () => {
    await library().import('gone', files());
    await deleteModel('local/gone');
    expect((await library().import('gone', others())).id).toBe('local/gone-2');
    await expect(library().open('local/gone')).rejects.toMatchObject({ code: 'not-found' });
    expect((await library().import('gone', files())).id).toBe('local/gone');
  });

  test('that was stored before ids were claimed is known by its files', async () => {
    await library().import('early', files());
    const db = await database();
    await db.clear('settings');
    expect((await library().import('early', others())).id).toBe('local/early-2');
    expect((await library().import('early', files())).id).toBe('local/early');
  });

  test('that is not stored is asked for', async () => {
    await expect(library().open('local/nowhere')).rejects.toMatchObject({ code: 'not-found' });
  });
});
