import { readFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test, type Page } from '@playwright/test';
import { goTo, openStudio } from './support/studio.ts';

const fileNames = ['config.json', 'tokenizer.json', 'preprocessor_config.json', 'README.md', 'model.safetensors'];
const weights = 'model.safetensors';

/** The tests tell one story in one page. */
test.describe.configure({ mode: 'serial' });

let page: Page;
let hub: Server;
/** Paths that were asked of the hub, without a slash at the front. */
let asked: string[] = [];
/** Answers whose second half is held back, while `holding`. */
let held: (() => void)[] = [];
let holding = false;
/** Whether the connection breaks off in the middle of the next large answer. */
let breaking = false;
/** Whether the hub refuses whatever it is asked. */
let refusing = false;

/** Sends a file, all of it, what is missing of it, or only the first half for now. */
function send(response: ServerResponse, file: Buffer, range: string | undefined): void {
  if (range !== undefined) {
    const from = Number(/^bytes=(\d+)-$/.exec(range)?.[1]);
    response.writeHead(206, { 'content-length': file.length - from, 'access-control-allow-origin': '*' });
    response.end(file.subarray(from));
    return;
  }
  response.writeHead(200, { 'content-length': file.length, 'access-control-allow-origin': '*' });
  if (!(holding || breaking) || file.length < 1e6) {
    response.end(file);
    return;
  }
  const middle = Math.floor(file.length / 2);
  if (breaking) {
    breaking = false;
    response.write(file.subarray(0, middle), () => setTimeout(() => response.destroy(), 200));
    return;
  }
  response.write(file.subarray(0, middle));
  held.push(() => response.end(file.subarray(middle)));
}

test.beforeAll(async ({ browser, baseURL }) => {
  const files = new Map<string, Buffer>();
  for (const name of fileNames) {
    const file = await readFile(new URL(`../public/models/seed-clip/${name}`, import.meta.url));
    files.set(`someone/some-clip/resolve/main/${name}`, file);
    files.set(`someone/other-clip/resolve/main/${name}`, file);
    files.set(`someone/far-clip/resolve/main/${name}`, file);
    files.set(`someone/late-clip/resolve/main/${name}`, file);
    // A repository with older weights alone on its main branch, and a pull request that converts them.
    if (name !== weights) files.set(`someone/old-clip/resolve/main/${name}`, file);
    files.set(`someone/old-clip/resolve/refs%2Fpr%2F15/${name}`, file);
  }
  files.set('someone/old-clip/resolve/main/pytorch_model.bin', Buffer.from('old'));
  hub = createServer((request, response) => {
    const path = (request.url ?? '').slice(1);
    asked.push(path);
    const file = files.get(path);
    if (refusing) response.writeHead(503, { 'access-control-allow-origin': '*' }).end();
    else if (file === undefined) response.writeHead(404, { 'access-control-allow-origin': '*' }).end();
    else send(response, file, request.headers.range);
  });
  await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
  page = await browser.newPage({ baseURL: baseURL ?? '' });
  await openStudio(page);
  await expect(modelStage()).toContainText('Seed CLIP');
  await goTo(page, 'Model');
  await page.getByRole('button', { name: 'Another hub' }).click();
  await page
    .getByRole('textbox', { name: 'Address of the hub' })
    .fill(`http://127.0.0.1:${(hub.address() as AddressInfo).port}`);
});

test.beforeEach(() => {
  asked = [];
  held = [];
  holding = false;
});

test.afterAll(async () => {
  await page.close();
  hub.closeAllConnections();
  hub.close();
});

const modelStage = () => page.getByRole('navigation').getByRole('link', { name: /^Model/ });
const loading = () => page.getByRole('main').getByRole('progressbar', { name: `Loading ${weights}` });

async function openFromHub(id: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Name on the hub' }).fill(id);
  await page.getByRole('button', { name: 'Open from the hub' }).click();
}

test('a model that is cancelled in the middle leaves the one in use, and goes on where it stopped', async () => {
  holding = true;
  await openFromHub('someone/other-clip');
  await expect(loading()).toHaveAttribute('aria-valuenow', /^(49\d|50\d)$/);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(loading()).toBeHidden();
  await expect(page.getByRole('alert')).toHaveCount(0);
  await expect(modelStage()).toContainText('Seed CLIP');

  holding = false;
  asked = [];
  await openFromHub('someone/other-clip');
  await expect(modelStage()).toContainText('someone/other-clip');
  expect(asked).toContain(`someone/other-clip/resolve/main/${weights}`);
  expect(asked).not.toContain('someone/other-clip/resolve/main/config.json');
});

test('a repository with older weights alone says what helps, and its converted revision opens', async () => {
  await openFromHub('someone/old-clip');
  const alert = page.getByRole('alert').filter({ hasText: 'The model could not be opened' });
  await expect(alert).toContainText(`There is no ${weights} at `);
  await expect(alert).toContainText('has only pytorch_model.bin, open a revision with model.safetensors');
  await alert.getByRole('button', { name: 'Dismiss' }).click();
  expect(asked).not.toContain('someone/old-clip/resolve/main/pytorch_model.bin');

  await openFromHub('someone/old-clip@refs/pr/15');
  await expect(modelStage()).toContainText('someone/old-clip@refs/pr/15');
});

test('a model whose connection breaks off goes on by itself where it stopped, and the page says so', async () => {
  breaking = true;
  await openFromHub('someone/far-clip');
  await expect(page.getByRole('main')).toContainText(`Connection lost. ${weights} goes on when it is back`);
  await expect(modelStage()).toContainText('someone/far-clip');
  const weightsAsked = asked.filter((path) => path.endsWith(weights));
  expect(weightsAsked).toHaveLength(2);
});

test('a model that could not be fetched is fetched with one press once its hub answers', async () => {
  refusing = true;
  await openFromHub('someone/late-clip');
  const alert = page.getByRole('alert').filter({ hasText: 'The model could not be opened' });
  await expect(alert).toContainText('answered 503. Try again later.');
  refusing = false;
  await alert.getByRole('button', { name: 'Try again' }).click();
  await expect(modelStage()).toContainText('someone/late-clip');
  await expect(alert).toBeHidden();
});

test('a model is loaded from a hub with a progress bar, and opens from then on without the hub', async () => {
  holding = true;
  await openFromHub('someone/some-clip');
  await expect(loading()).toHaveAttribute('aria-valuenow', /^(49\d|50\d)$/);
  await expect(page.getByRole('main')).toContainText(/5\.\d MB of 10\.8 MB/);
  for (const release of held) release();
  await expect(modelStage()).toContainText('someone/some-clip');
  await expect(page.getByRole('heading', { name: 'someone/some-clip', level: 2 })).toBeVisible();

  hub.closeAllConnections();
  await new Promise((resolve) => hub.close(resolve));
  asked = [];
  await page.reload();
  await expect(modelStage()).toContainText('someone/some-clip');
  await expect(page.getByRole('alert')).toHaveCount(0);
  await goTo(page, 'Recipe');
  await expect(page.getByRole('heading', { name: 'Recipe', level: 1 })).toBeVisible();
  expect(asked).toEqual([]);
});

test('models that are kept open again without the hub, and can be deleted', async () => {
  await goTo(page, 'Model');
  const kept = page.getByRole('region', { name: 'Kept in this browser' });
  await kept.getByRole('button', { name: 'Use someone/other-clip again' }).click();
  await expect(modelStage()).toContainText('someone/other-clip');
  await expect(kept.getByRole('button', { name: 'Delete someone/other-clip', exact: true })).toBeDisabled();
  await kept.getByRole('button', { name: 'Delete someone/some-clip', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete model' }).click();
  await expect(kept).not.toContainText('someone/some-clip');
  await page.reload();
  await expect(modelStage()).toContainText('someone/other-clip');
  await expect(kept).toContainText('someone/old-clip@refs/pr/15');
  await expect(kept).not.toContainText('someone/some-clip');
});
