import { expect, test, type Page } from '@playwright/test';
import { openWithQuickRecipe } from './support/quick-recipe.ts';
import { goTo, stopRun } from './support/studio.ts';

/** Steps of a run that comes to its end, and of one that would take longer than any test. */
const steps = 3000;
const endless = 100_000;

async function open(page: Page, length: number): Promise<void> {
  await openWithQuickRecipe(page, { pictures: 24, steps: length });
  await page.getByRole('spinbutton', { name: 'Evaluate every', exact: true }).fill('600');
  // Whether so few pictures make anything better is left to chance; the last weights are compared.
  await page.getByRole('switch', { name: 'Keep the best weights' }).click();
}

const progress = (page: Page) => page.getByRole('region', { name: 'Progress' });

/** Starts a run and returns its name. */
async function train(page: Page): Promise<string> {
  await goTo(page, 'Train');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(progress(page)).toBeVisible();
  return page.getByRole('heading', { level: 1 }).innerText();
}

/** Pauses the run once it has begun, which keeps a checkpoint; gives the step of that. */
async function pause(page: Page): Promise<number> {
  await expect(progress(page)).toContainText(/\b[1-9][\d,]* of [\d,]+ steps/, { timeout: 90_000 });
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('button', { name: 'Resume' })).toBeVisible();
  await expect(progress(page)).toContainText(/checkpoint at step [\d,]+/);
  const [, step = ''] = /checkpoint at step ([\d,]+)/.exec(await progress(page).innerText()) ?? [];
  return Number(step.replaceAll(',', ''));
}

/** Waits until a run has gone on beyond a step, and ends it. */
async function comesBeyond(page: Page, step: number): Promise<void> {
  const now = progress(page).locator('b').first();
  await expect
    .poll(async () => Number((await now.innerText()).replaceAll(',', '')), { timeout: 90_000 })
    .toBeGreaterThan(step);
  await stopRun(page);
  await expect(page.getByText(/^Stopped after step/).first()).toBeVisible();
}

/** Waits for the end of a run, and puts it away. */
async function end(page: Page): Promise<void> {
  await expect(page.getByText(`Finished after ${steps} steps`).first()).toBeVisible({ timeout: 120_000 });
  await page.getByRole('button', { name: 'New run' }).click();
}

/** What is stored of a run: a digest of its weights, the losses of its steps, and where it was evaluated. */
function result(page: Page, name: string): Promise<{ weights: string[]; losses: string; evaluated: number[] }> {
  return page.evaluate(async (runName) => {
    const done = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('IndexedDB failed'));
      });
    const digest = async (bytes: BufferSource): Promise<string> =>
      new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)).join();
    const [{ name: databaseName = '' } = {}] = await indexedDB.databases();
    const db = await done(indexedDB.open(databaseName));
    const all = <T>(store: string, range?: IDBKeyRange) =>
      done(db.transaction(store).objectStore(store).getAll(range)) as Promise<T[]>;
    const runs = await all<{ id: string; name: string; evaluations: { step: number }[] }>('runs');
    const run = runs.find((each) => each.name === runName);
    const id = run?.id ?? '';
    const tensors = await all<ArrayBuffer>('runTensors', IDBKeyRange.bound(`${id}/`, `${id}/\uffff`));
    const rows = await all<{ step: number; loss: number }[]>(
      'runMetrics',
      IDBKeyRange.bound([id, -Infinity], [id, Infinity]),
    );
    db.close();
    const losses = new Float64Array(rows.flat().flatMap(({ step, loss }) => [step, loss]));
    return {
      weights: await Promise.all(tensors.map(digest)),
      losses: `${losses.length / 2} steps ${await digest(losses)}`,
      evaluated: run?.evaluations.map(({ step }) => step) ?? [],
    };
  }, name);
}

test('a run that a reload interrupted goes on to the very result of one that nothing did', async ({ page }) => {
  await open(page, steps);
  const straight = await train(page);
  await end(page);
  const name = await train(page);
  await pause(page);
  page.once('dialog', (dialog) => void dialog.accept());
  await page.reload();
  const offer = page.getByRole('status').filter({ hasText: 'Welcome back' });
  await expect(offer).toContainText(`${name} was interrupted at step`);
  await offer.getByRole('button', { name: /^Go on from step/ }).click();
  await end(page);
  await expect(offer).toBeHidden();
  const found = await result(page, name);
  expect(found).toEqual(await result(page, straight));
  expect(found.weights.length).toBeGreaterThan(0);
  expect(found.losses).toMatch(/^3000 steps/);
  expect(found.evaluated).toEqual([600, 1200, 1800, 2400, 3000]);
});

test('a run whose worker ends goes on by itself', async ({ page }) => {
  await open(page, endless);
  await train(page);
  const step = await pause(page);
  const worker = page.workers().find((each) => /\/worker-[^/]*\.js$/.test(each.url()));
  await worker?.evaluate(() => self.close()).catch(() => undefined);
  await expect(page.getByText(/It goes on from step [\d,]+ in/)).toBeVisible();
  await comesBeyond(page, step);
});

test('an offer that is declined stays away, and the run can still go on', async ({ page }) => {
  await open(page, endless);
  const name = await train(page);
  const step = await pause(page);
  page.once('dialog', (dialog) => void dialog.accept());
  await page.reload();
  await page.getByRole('button', { name: 'Not now' }).click();
  await page.reload();
  await goTo(page, 'Train');
  await expect(page.getByRole('button', { name: 'Not now' })).toBeHidden();
  await page
    .getByRole('row', { name: new RegExp(`^${name} `) })
    .getByRole('link', { name })
    .click();
  await page.getByRole('button', { name: /^Go on from step/ }).click();
  await comesBeyond(page, step);
});
