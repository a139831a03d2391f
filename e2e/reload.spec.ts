import { expect, test, type BrowserContext, type Dialog, type Page } from '@playwright/test';
import { captionedFolder, dataSummary } from './support/data.ts';
import { caption } from './support/pictures.ts';
import { choose, goTo, openStudio } from './support/studio.ts';

const pictures = 24;
const editedCaption = 'a box, red all over';
const endless = '100000';

/** The tests tell one story in one browser. */
test.describe.configure({ mode: 'serial' });

let context: BrowserContext;
let page: Page;
let finished: string;

const field = (name: string) => page.getByRole('spinbutton', { name, exact: true });
const rowOf = (name: string) => page.getByRole('row', { name: new RegExp(`^${name} `) });

test.beforeAll(async ({ browser, baseURL }) => {
  context = await browser.newContext({ baseURL: baseURL ?? '' });
  page = await context.newPage();
  await openStudio(page);
  await choose(page, 'Choose a folder', await captionedFolder(pictures));
  await expect(dataSummary(page, pictures)).toBeVisible();
  await page.getByRole('button', { name: `Edit caption: ${caption(0)}`, exact: true }).click();
  await page.getByRole('textbox', { name: 'Caption' }).fill(editedCaption);
  await page.keyboard.press('Enter');
  await goTo(page, 'Recipe');
  await page.getByRole('radio', { name: 'Quick, without a GPU' }).click();
  await field('Batch size').fill('8');
  await field('Evaluate every').fill('2');
  // Whether so few pictures make anything better is left to chance; the last weights are kept whatever they are worth.
  await page.getByRole('switch', { name: 'Keep the best weights' }).click();
  finished = await train('4');
  await expect(page.getByRole('button', { name: 'New run' })).toBeVisible({ timeout: 90_000 });
  await page.getByRole('button', { name: 'New run' }).click();
});

test.afterAll(() => context.close());

/** Starts a run of so many steps and returns its name. */
async function train(steps: string): Promise<string> {
  await goTo(page, 'Recipe');
  await field('Steps').fill(steps);
  await goTo(page, 'Train');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Progress' })).toBeVisible();
  return page.getByRole('heading', { level: 1 }).innerText();
}

/** Starts a run without an end and waits until it has kept weights and steps. */
async function trainForLong(): Promise<string> {
  const name = await train(endless);
  await expect.poll(async () => (await stored(name)).weightsStep, { timeout: 90_000 }).toBeGreaterThan(0);
  await expect.poll(async () => (await stored(name)).lastStep, { timeout: 90_000 }).toBeGreaterThan(1);
  return name;
}

/** What has been written to the disk of a run: the step of its weights, and the newest step of its curves. */
function stored(name: string): Promise<{ readonly weightsStep: number; readonly lastStep: number }> {
  return page.evaluate(async (runName) => {
    const done = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('IndexedDB failed'));
      });
    const [{ name: databaseName = '' } = {}] = await indexedDB.databases();
    const db = await done(indexedDB.open(databaseName));
    const runs = await done(db.transaction('runs').objectStore('runs').getAll());
    const run = (runs as { id: string; name: string; weightsStep: number | null }[]).find(
      (each) => each.name === runName,
    );
    const range = IDBKeyRange.bound([run?.id ?? '', -Infinity], [run?.id ?? '', Infinity]);
    const chunks = await done(db.transaction('runMetrics').objectStore('runMetrics').getAll(range));
    db.close();
    const steps = (chunks as { step: number }[][]).flat().map(({ step }) => step);
    return { weightsStep: run?.weightsStep ?? 0, lastStep: Math.max(0, ...steps) };
  }, name);
}

/** Expects a run of that name to be listed as interrupted, with its charts up to the last stored step. */
async function expectInterrupted(name: string): Promise<void> {
  await goTo(page, 'Train');
  await expect(rowOf(name)).toContainText('interrupted');
  await rowOf(name).getByRole('link', { name }).click();
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
  await expect(page.getByText('This run was interrupted')).toBeVisible();
  await expect(page.getByText(/The weights of step [1-9]\d* are kept/)).toBeVisible();
  await expect(page.locator('[data-curves] path').first()).toBeAttached();
  await page.getByRole('button', { name: 'Show Learning rate as a table' }).click();
  const steps = page.getByRole('region', { name: 'Learning rate, values' }).getByRole('rowheader');
  const { lastStep } = await stored(name);
  expect(lastStep).toBeGreaterThanOrEqual(2);
  await expect(steps.last()).toHaveText(lastStep.toLocaleString('en'));
}

/** Expects data, recipe and finished runs as they were before anything was interrupted. */
async function expectNothingLost(): Promise<void> {
  await goTo(page, 'Data');
  await expect(dataSummary(page, pictures)).toBeVisible();
  await expect(page.getByRole('button', { name: `Edit caption: ${editedCaption}`, exact: true })).toBeVisible();
  await expect(page.getByRole('list', { name: 'Pictures' }).locator('img').first()).toBeVisible();
  await goTo(page, 'Recipe');
  await expect(page.getByRole('radio', { name: 'Quick, without a GPU' })).toBeChecked();
  await expect(field('Steps')).toHaveAttribute('aria-valuenow', endless);
  await expect(field('Batch size')).toHaveAttribute('aria-valuenow', '8');
  await goTo(page, 'Train');
  await expect(rowOf(finished)).toContainText('finished');
  await expect(page.getByRole('button', { name: 'Train', exact: true })).toBeEnabled();
}

/** Asks the browser to load the page again and answers its question whether to leave; gives the kind of the question. */
async function reloadAndAnswer(reply: 'accept' | 'dismiss'): Promise<string> {
  const asking = page.waitForEvent('dialog');
  // Not called at once, since the answer to the call would wait for the answer to the question.
  await page.evaluate(() => void setTimeout(() => location.reload()));
  const dialog = await asking;
  await dialog[reply]();
  return dialog.type();
}

test('leaving the page in the middle of training asks first, and a reload loses nothing', async () => {
  const name = await trainForLong();

  // Whoever stays goes on training.
  expect(await reloadAndAnswer('dismiss')).toBe('beforeunload');
  const step = page.getByRole('region', { name: 'Progress' }).locator('b').first();
  const then = await step.innerText();
  await expect(step).not.toHaveText(then);

  const loaded = page.waitForEvent('load');
  expect(await reloadAndAnswer('accept')).toBe('beforeunload');
  await loaded;
  await expectInterrupted(name);
  await expectNothingLost();
});

test('nothing is asked when no run is in progress', async () => {
  const asked: string[] = [];
  const note = (dialog: Dialog): void => {
    asked.push(dialog.type());
    void dialog.accept();
  };
  page.on('dialog', note);
  await page.getByRole('heading', { level: 1 }).click();
  await page.reload();
  page.off('dialog', note);
  expect(asked).toEqual([]);
});

test('a tab that is gone without a word loses nothing', async () => {
  const name = await trainForLong();
  await page.close();
  page = await context.newPage();
  await openStudio(page);
  await expectInterrupted(name);
  await expectNothingLost();
});

test('a tab that crashes loses nothing', async () => {
  const name = await trainForLong();
  const crashed = page.waitForEvent('crash');
  const session = await context.newCDPSession(page);
  // It is never answered.
  session.send('Page.crash').catch(() => undefined);
  await crashed;
  await page.close();
  page = await context.newPage();
  await openStudio(page);
  await expectInterrupted(name);
  await expectNothingLost();
});
