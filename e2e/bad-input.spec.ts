import { readFile } from 'node:fs/promises';
import { deflateRawSync } from 'node:zlib';
import { expect, test, type Page } from '@playwright/test';
import { applyPreset } from '../src/recipe/presets.ts';
import { addFiles, captionedFolder, dataSummary } from './support/data.ts';
import { type Files, folderOf, zipOf } from './support/files.ts';
import { caption, picture } from './support/pictures.ts';
import { choose, goTo, openStudio } from './support/studio.ts';

/** Pictures stored before anything goes wrong; all of them must be there at the end. */
const stored = 12;

let page: Page;
/** Pictures that tests have added to the stored ones. */
let added = 0;

test.beforeAll(async ({ browser, baseURL }) => {
  page = await browser.newPage({ baseURL: baseURL ?? '' });
  added = 0;
  await openStudio(page);
  await choose(page, 'Choose a folder', await captionedFolder(stored));
  await expect(dataSummary(page, stored)).toBeVisible();
  await expect(modelStage()).toContainText('Seed CLIP');
  // On a machine without a GPU the recipe begins with another preset.
  await goTo(page, 'Recipe');
  await page.getByRole('radio', { name: 'Everything' }).click();
});

test.afterAll(() => page.close());

const modelStage = () => page.getByRole('navigation').getByRole('link', { name: /^Model/ });

/** Adds the files beside one sound picture, which must be taken, and expects the words in the report of the import. */
async function expectRefused(files: Files, ...words: readonly (string | RegExp)[]): Promise<void> {
  const seed = 100 + added;
  await addFiles(page, { ...files, [`sound-${seed}.png`]: picture(seed), [`sound-${seed}.txt`]: caption(seed) });
  added += 1;
  const report = page.getByRole('status').filter({ hasText: '1 picture added' });
  for (const word of words) await expect(report).toContainText(word);
  await expect(dataSummary(page, stored + added)).toBeVisible();
}

test.describe('pictures that cannot be used', () => {
  test('one that does not decode', async () => {
    const torn = picture(90).slice(0, 60);
    await expectRefused({ 'torn.png': torn }, 'torn.png', /does not decode.*Save or download it again/);
  });

  test('one of 0 bytes', async () => {
    await expectRefused({ 'empty.jpg': '' }, 'empty.jpg', 'The file is empty (0 bytes). Copy or download it again.');
  });

  test('one of 60 megapixels', async () => {
    // The size in the header decides, before anything is decoded.
    const huge = Buffer.from(picture(91));
    huge.writeUInt32BE(10_000, 16);
    huge.writeUInt32BE(6_000, 20);
    await expectRefused({ 'huge.png': huge }, 'huge.png', '60 megapixels (10000 × 6000)', 'Scale it down');
  });

  test('a text file that calls itself a picture', async () => {
    await expectRefused({ 'words.png': 'no picture' }, 'words.png', 'Convert it to JPEG or PNG');
  });
});

test.describe('zips', () => {
  test('with a path that climbs out', async () => {
    const zip = await zipOf({ '../../climbing.png': picture(92) });
    await expectRefused({ 'climbing.zip': zip }, 'climbing.png', 'Its path leads out of the zip');
  });

  test('that are bombs', async () => {
    const zip = await zipOf({ 'bomb.png': new Uint8Array(5e6) });
    await expectRefused({ 'bomb.zip': zip }, 'bomb.png', 'a zip bomb');
  });

  test('that are none', async () => {
    await expectRefused(
      { 'broken.zip': 'PK, but no zip' },
      'broken.zip',
      'is no zip, or it is damaged',
      'Download or make it again',
    );
  });
});

test.describe('tables', () => {
  test('without the needed columns', async () => {
    const table = 'title,notes\nsound.png,a box\n';
    await expectRefused(
      { 'list.csv': table },
      'list.csv lacks a column for the picture',
      'Its columns are: title, notes',
    );
  });

  test('in the wrong encoding', async () => {
    const table = Buffer.from('file_name,text\nsound.png,un café\n', 'latin1');
    await expectRefused({ 'latin.csv': table }, 'latin.csv is not UTF-8 text (line 2', 'Save it as UTF-8');
  });
});

test.describe('captions', () => {
  test('that are missing', async () => {
    await addFiles(page, { 'bare.png': picture(95) });
    added += 1;
    await expect(page.getByRole('status').filter({ hasText: '1 picture added' })).toContainText(
      '1 picture without a caption',
    );
    await expect(dataSummary(page, stored + added)).toBeVisible();
    await page.getByRole('button', { name: /1 without a caption/ }).click();
    const pictures = page.getByRole('list', { name: 'Pictures' }).getByRole('listitem');
    await expect(pictures).toHaveCount(1);
    // The remedy is at hand: a caption is written in place.
    await pictures.getByRole('button', { name: 'Write a caption' }).click();
    await page.getByRole('textbox', { name: 'Caption' }).fill('a bare box');
    await page.keyboard.press('Enter');
    await expect(page.getByText('0 without a caption')).toBeVisible();
    await page.getByRole('button', { name: /0 without a caption/ }).click();
  });

  test('over the length of the model', async () => {
    await addFiles(page, { 'long.png': picture(96), 'long.txt': 'a very long tale of a box '.repeat(30) });
    added += 1;
    const tile = page.getByRole('button', { name: /1 caption too long/ });
    await expect(tile).toContainText('the model reads their beginning');
    await expect(dataSummary(page, stored + added)).toBeVisible();
  });
});

test('fewer pictures than a batch', async () => {
  await goTo(page, 'Train');
  await expect(
    page.getByText(/A batch of 64 is larger than the training set: every batch will hold all \d+ pictures/),
  ).toBeVisible();
  await expect(page.getByRole('button', { name: /^Set batch size to \d+$/ })).toBeVisible();
  // Small batches are sound: the run may start.
  await expect(page.getByRole('button', { name: 'Train', exact: true })).toBeEnabled();
});

test.describe('model folders', () => {
  /** A safetensors file of this header and this many zero bytes of data. */
  function safetensors(header: object, dataBytes: number): Uint8Array {
    const json = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    return Buffer.concat([length, json, Buffer.alloc(dataBytes)]);
  }

  const shipped = (file: string) => readFile(new URL(`../public/models/seed-clip/${file}`, import.meta.url));

  /** Chooses the shipped model's folder with other weights or another configuration, and expects it to be refused with these words. */
  async function expectFolderRefused(changed: Files, ...words: readonly (string | RegExp)[]): Promise<void> {
    const sound: Record<string, Uint8Array> = {};
    for (const file of ['config.json', 'tokenizer.json', 'preprocessor_config.json']) sound[file] = await shipped(file);
    await goTo(page, 'Model');
    await choose(page, 'Choose a folder', await folderOf({ ...sound, ...changed }, 'my-model'));
    const alert = page.getByRole('alert').filter({ hasText: 'The model could not be opened' });
    for (const word of words) await expect(alert).toContainText(word);
    await alert.getByRole('button', { name: 'Dismiss' }).click();
    await expect(modelStage()).toContainText('Seed CLIP');
  }

  test('with weights cut short', async () => {
    const weights = await shipped('model.safetensors');
    await expectFolderRefused(
      { 'model.safetensors': weights.subarray(0, 100_000) },
      'model.safetensors is not a sound safetensors file',
      'seems cut short. Download or export it again.',
    );
  });

  test('with a header that lies', async () => {
    const tensor = { dtype: 'F32', shape: [4, 4], data_offsets: [0, 32] };
    await expectFolderRefused(
      { 'model.safetensors': safetensors({ logit_scale: tensor }, 32) },
      'model.safetensors is not a sound safetensors file: the size of "logit_scale" does not match its shape [4, 4]',
    );
  });

  test('with an impossible header length', async () => {
    await expectFolderRefused(
      { 'model.safetensors': new Uint8Array(64).fill(255) },
      'model.safetensors is not a sound safetensors file',
    );
  });

  test('that lack tensors', async () => {
    const tensor = { dtype: 'F32', shape: [], data_offsets: [0, 4] };
    await expectFolderRefused(
      { 'model.safetensors': safetensors({ logit_scale: tensor }, 4) },
      /model\.safetensors lacks the tensor ".+", which a CLIP model of this config\.json needs/,
    );
  });

  test('of an unsupported type', async () => {
    await expectFolderRefused(
      { 'config.json': JSON.stringify({ model_type: 'bert', hidden_size: 768 }) },
      'config.json describes a model of type "bert"',
      'Vernier reads complete models of these kinds',
    );
  });

  test('of an adapter', async () => {
    await goTo(page, 'Model');
    const files = { 'adapter_config.json': '{"peft_type":"LORA"}', 'adapter_model.safetensors': 'x' };
    await choose(page, 'Choose a folder', await folderOf(files, 'my-adapter'));
    const alert = page.getByRole('alert').filter({ hasText: 'The model could not be opened' });
    await expect(alert).toContainText('This is an adapter (LORA, adapter_config.json)');
    await alert.getByRole('button', { name: 'Dismiss' }).click();
  });

  test('with another end token than the tokenizer’s: it opens, and the page says what will not work', async () => {
    const config = JSON.parse((await shipped('config.json')).toString()) as { text_config: Record<string, unknown> };
    delete config.text_config['eos_token_id'];
    const files: Record<string, string | Uint8Array> = { 'config.json': JSON.stringify(config) };
    for (const file of ['tokenizer.json', 'preprocessor_config.json', 'model.safetensors'])
      files[file] = await shipped(file);
    await goTo(page, 'Model');
    await choose(page, 'Choose a folder', await folderOf(files, 'other-end'));
    await expect(page.getByText(/looks for the end token 49407 .* ends captions with 4095/)).toBeVisible();
    await page.getByRole('button', { name: 'Use Seed CLIP', exact: true }).click();
    await expect(modelStage()).toContainText('Seed CLIP');
    await expect(page.getByText(/looks for the end token/)).toBeHidden();
  });

  test('without a configuration', async () => {
    await goTo(page, 'Model');
    await choose(page, 'Choose a folder', await folderOf({ 'weights.bin': 'x' }, 'my-model'));
    const alert = page.getByRole('alert').filter({ hasText: 'The model could not be opened' });
    await expect(alert).toContainText('There is no config.json in it.');
    await alert.getByRole('button', { name: 'Dismiss' }).click();
  });
});

test.describe('a hub', () => {
  const hub = 'https://huggingface.co/**';
  const open = { 'access-control-allow-origin': '*' };

  test.afterEach(() => page.context().unroute(hub));

  async function expectHubRefused(...words: readonly string[]): Promise<void> {
    await goTo(page, 'Model');
    await page.getByRole('textbox', { name: 'Name on the hub' }).fill('someone/some-clip');
    await page.getByRole('button', { name: 'Open from the hub' }).click();
    const alert = page.getByRole('alert').filter({ hasText: 'The model could not be opened' });
    for (const word of words) await expect(alert).toContainText(word);
    await alert.getByRole('button', { name: 'Dismiss' }).click();
    await expect(modelStage()).toContainText('Seed CLIP');
  }

  test('that answers 404', async () => {
    await page.context().route(hub, (route) => route.fulfill({ status: 404, headers: open, body: 'Not found' }));
    await expectHubRefused(
      'There is no config.json at https://huggingface.co/someone/some-clip',
      'Check that the name',
    );
  });

  test('that answers with a web page', async () => {
    await page
      .context()
      .route(hub, (route) =>
        route.fulfill({ status: 200, headers: open, contentType: 'text/html', body: '<!doctype html><p>Log in' }),
      );
    await expectHubRefused('config.json answered with a web page instead of the file', 'Check the address');
  });

  test('that answers with nothing', async () => {
    await page.context().route(hub, (route) => route.fulfill({ status: 200, headers: open, body: '' }));
    await expectHubRefused('config.json answered with an empty file. Check the address.');
  });

  test('that cannot be reached', async () => {
    await page.context().route(hub, (route) => route.abort('connectionrefused'));
    await expectHubRefused('config.json could not be reached', 'Check the address and the connection');
  });
});

test.describe('recipe links', () => {
  const forge = (json: string) => `1.${deflateRawSync(Buffer.from(json)).toString('base64url')}`;
  const untouched = String(applyPreset('full').learningRate);
  const learningRate = () => page.getByRole('spinbutton', { name: 'Learning rate' });

  const openLink = (code: string) => page.goto(`/?backend=tfjs-wasm#/r/${code}`);

  async function expectLinkRefused(code: string, words: string | RegExp): Promise<void> {
    await openLink(code);
    const dialog = page.getByRole('dialog', { name: 'This link cannot be opened' });
    await expect(dialog).toContainText(words);
    await dialog.getByRole('button', { name: 'Keep my recipe' }).click();
    await expect(learningRate()).toHaveAttribute('aria-valuenow', untouched);
  }

  test('that are broken', async () => {
    await expectLinkRefused('1.AAAA', /damaged|holds no recipe/);
  });

  test('that unfold into a bomb', async () => {
    await expectLinkRefused(forge(`["full",{"x":"${'0'.repeat(1_000_000)}"}]`), 'unfolds into far more');
  });

  test('with values out of range', async () => {
    const changes = { batchSize: 1e9, model: '../../secret', callback: '<img src=x onerror=alert(1)>', seed: 7 };
    await openLink(forge(JSON.stringify(['full', changes])));
    const dialog = page.getByRole('dialog', { name: 'Open a shared recipe?' });
    await expect(dialog).toContainText('Not everything in the link can be used');
    await expect(dialog).toContainText('Batch size: “1000000000” is not valid (from 2 to 1024)');
    await expect(dialog).toContainText('Model: “../../secret” is not valid');
    await expect(dialog).toContainText('“callback”');
    // Links of version 1 mean the choice of weights that was usual then.
    await expect(dialog.getByRole('rowheader')).toHaveText(['Best by', 'Seed']);
    await dialog.getByRole('button', { name: 'Keep my recipe' }).click();
    await expect(learningRate()).toHaveAttribute('aria-valuenow', untouched);
  });
});

test('a full disk', async ({ browser, baseURL }) => {
  const small = await browser.newPage({ baseURL: baseURL ?? '' });
  const session = await small.context().newCDPSession(small);
  // Before anything is stored: the browser remembers for a while how much room was left.
  const origin = new URL(baseURL ?? '').origin;
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 300_000 });
  await openStudio(small);
  await choose(small, 'Choose a folder', await captionedFolder(stored));
  await expect(dataSummary(small, stored)).toBeVisible();

  // What follows the end of a PNG is no part of the picture, and is stored with it.
  const large = Buffer.concat([picture(97), Buffer.alloc(1_000_000, 1)]);
  await addFiles(small, { 'large.png': large, 'large.txt': caption(97) });
  const alert = small.getByRole('alert').filter({ hasText: 'That did not work' });
  await expect(alert).toContainText('The browser has no more room for this site');
  await expect(alert).toContainText('Nothing that was stored before is lost. Delete datasets, runs or models');
  await expect(dataSummary(small, stored)).toBeVisible();

  await small.reload();
  await expect(dataSummary(small, stored)).toBeVisible();
  await expect(small.getByRole('button', { name: `Edit caption: ${caption(0)}`, exact: true })).toBeVisible();
  await small.close();
});

test('what was stored is there after all that', async () => {
  await openStudio(page);
  await page.reload();
  await expect(dataSummary(page, stored + added)).toBeVisible();
  await expect(page.getByRole('button', { name: `Edit caption: ${caption(0)}` })).toBeVisible();
  await expect(modelStage()).toContainText('Seed CLIP');
});

test('an address that browsers do not trust is told from the studio', async ({ browser, baseURL }) => {
  const other = await browser.newPage();
  await other.route('http://studio.test/**', async (route) => {
    const { pathname } = new URL(route.request().url());
    await route.fulfill({ response: await route.fetch({ url: new URL(pathname, baseURL).href }) });
  });
  await other.goto('http://studio.test/');
  await expect(other.getByRole('heading', { name: 'Open the studio over https, or on this machine' })).toBeVisible();
  await expect(other.getByRole('main')).toContainText('http://studio.test is not such an address');
  await other.close();
});
