import { beforeAll, describe, expect, it } from 'vitest';
import type { LoadedModel } from '../../../model/source';
import { packZip } from '../../archive';
import type { BuiltExport } from '../../build';
import * as testing from '../../testing/export';
import { tinyClip } from '../../testing/tiny-clip';
import { unpack } from '../../testing/unpack';
import { huggingface } from './format';

const encoder = new TextEncoder();
const licence = 'Do as you like.\n';
const card = { licenses: ['other'], licenseName: 'house-rules', licenseLink: 'LICENSE' };

let model: LoadedModel;
let built: BuiltExport;
let files: ReadonlyMap<string, Uint8Array>;

beforeAll(async () => {
  const opened = await tinyClip('F16');
  model = { ...opened, card, companions: new Map(opened.companions).set('LICENSE', encoder.encode(licence)) };
  built = await exported(model);
  files = new Map([...(await unpack(built.zip))].map(([name, { bytes }]) => [name, bytes]));
});

const exported = (base: LoadedModel): Promise<BuiltExport> => testing.exported(huggingface, base, 'float16', new Map());

const readExport = (zip: Blob, { content }: BuiltExport) => testing.readExport(huggingface, zip, content);

/** The export with some files changed, or with null left out. */
function tampered(changes: Readonly<Record<string, ((text: string) => string) | null>>): Promise<Blob> {
  const packed = new Map(files);
  for (const [name, change] of Object.entries(changes)) {
    const before = packed.get(name);
    if (before === undefined) throw new Error(`The export has no ${name}.`);
    if (change === null) packed.delete(name);
    else packed.set(name, encoder.encode(change(new TextDecoder().decode(before))));
  }
  const pieces = [...packed].map(([name, bytes]) => ({ name, pieces: [bytes], compress: true }));
  return packZip(pieces, 0);
}

describe('readExport', () => {
  it('takes the export as it is, licence and all', async () => {
    expect((await readExport(built.zip, built)).stored.size).toBe(model.stored.size);
    expect(new TextDecoder().decode(files.get('LICENSE'))).toBe(licence);
    expect(new TextDecoder().decode(files.get('README.md'))).toMatch(
      /^---\nlicense: other\nlicense_name: house-rules\nlicense_link: LICENSE\n/,
    );
  });

  it('refuses a zip that was cut short', async () => {
    await expect(readExport(built.zip.slice(0, built.zip.size - 100), built)).rejects.toThrow(/cut short|damaged/);
  });

  it('misses every file that a program needs', async () => {
    for (const name of files.keys()) {
      await expect(readExport(await tampered({ [name]: null }), built), name).rejects.toThrow(name);
    }
  });

  it('notices every companion that is not as it was, even where opening does not look at it', async () => {
    for (const name of model.companions.keys()) {
      const changed = tampered({
        [name]: (text) => (name === 'config.json' ? text.replace('"clip"', '"Clip"') : `${text} `),
      });
      await expect(readExport(await changed, built), name).rejects.toThrow(name);
    }
  });

  it.each([
    ['an integer where Transformers wants a float', 'config.json', '"initializer_factor": 1,'],
    ['a float where it wants an integer', 'config.json', '"pad_token_id": 4095.0,'],
  ])('refuses %s', async (_, name, entry) => {
    const base = { ...model, companions: new Map(model.companions) };
    const insert = (text: string): string => text.replace('{', `{${entry}`);
    const config = insert(new TextDecoder().decode(model.companions.get(name)));
    base.companions.set(name, encoder.encode(config));
    const right = await exported(base);
    await expect(readExport(await tampered({ [name]: insert }), right)).rejects.toThrow(/Transformers would refuse/);
    await readExport(right.zip, right);
  });

  it.each([
    ['a card that lost the licence', 'README.md', (text: string) => text.replace('license: other', 'license: mit')],
    ['a card without front matter', 'README.md', (text: string) => text.replace('---', '')],
    ['a record that is cut short', 'training.json', (text: string) => text.slice(0, -3)],
  ])('refuses %s', async (_, name, change) => {
    await expect(readExport(await tampered({ [name]: change }), built)).rejects.toThrow(name);
  });

  it('passes the image processing on that was assumed for a base without any, and insists on one', async () => {
    const bare = await tinyClip('F16', ['preprocessor_config.json']);
    const whole = await exported(bare);
    const { described } = await readExport(whole.zip, whole);
    expect(described.imageProcessor.steps).toBe(bare.imageProcessor.steps);
    expect(described.imageProcessor.normalization).toEqual(bare.imageProcessor.normalization);
    expect((await unpack(whole.zip)).has('preprocessor_config.json')).toBe(true);
    const companions = new Map(model.companions);
    companions.delete('preprocessor_config.json');
    const without = await exported({ ...model, companions });
    await expect(readExport(without.zip, without)).rejects.toThrow(/neither processor_config\.json nor/);
  });
});
