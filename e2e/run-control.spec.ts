import { expect, test, type Page } from '@playwright/test';
import { openWithQuickRecipe } from './support/quick-recipe.ts';
import { goTo } from './support/studio.ts';

const endless = 100_000;

const progress = (page: Page) => page.getByRole('region', { name: 'Progress' });

async function train(page: Page, steps: number): Promise<string> {
  await openWithQuickRecipe(page, { pictures: 24, steps });
  await page.getByRole('spinbutton', { name: 'Evaluate every', exact: true }).fill('200');
  await goTo(page, 'Train');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(progress(page)).toContainText(/\b[1-9][\d,]* of [\d,]+ steps/, { timeout: 90_000 });
  return page.getByRole('heading', { level: 1 }).innerText();
}

async function choose(page: Page, item: string): Promise<void> {
  await page.getByRole('button', { name: 'More about this run' }).click();
  await page.getByRole('menuitem', { name: new RegExp(`^${item}`) }).click();
}

test('rate and length change during a run, which is then prolonged, and begun anew from its end', async ({ page }) => {
  const name = await train(page, endless);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('button', { name: 'Resume' })).toBeVisible();
  const now = Number((await progress(page).locator('b').first().innerText()).replaceAll(',', ''));
  await choose(page, 'Change rate or length');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('spinbutton', { name: 'Highest learning rate' }).fill('0.0002');
  await dialog.getByRole('spinbutton', { name: 'Steps of the whole run' }).fill(String(now + 300));
  await dialog.getByRole('button', { name: 'Change' }).click();
  await expect(page.getByText(/Learning rate changed from .* to 2e-4\./)).toBeVisible();
  await expect(progress(page)).toContainText(`of ${(now + 300).toLocaleString('en')} steps`);
  await page.getByRole('button', { name: 'Resume' }).click();
  const finished = (steps: number) => page.getByText(`Finished after ${steps} steps`).first();
  await expect(finished(now + 300)).toBeVisible({ timeout: 90_000 });

  // The record has it, with a place on the charts.
  await page
    .getByRole('navigation')
    .getByRole('link', { name: new RegExp(`^${name}`) })
    .click();
  await expect(page.getByText(/Length changed from 100,000 steps to/)).toBeVisible();

  await page.getByRole('button', { name: 'Train on' }).click();
  await page
    .getByRole('dialog')
    .getByRole('spinbutton', { name: 'Steps of the whole run' })
    .fill(String(now + 500));
  await page.getByRole('dialog').getByRole('button', { name: 'Train on' }).click();
  await expect(finished(now + 500)).toBeVisible({ timeout: 90_000 });

  await page
    .getByRole('navigation')
    .getByRole('link', { name: new RegExp(`^${name}`) })
    .click();
  await page.getByRole('button', { name: 'Train on' }).click();
  await page.getByRole('radio', { name: 'Begin a new run from here' }).click();
  await page
    .getByRole('dialog')
    .getByRole('spinbutton', { name: 'Steps of the whole run' })
    .fill(String(now + 600));
  await page.getByRole('dialog').getByRole('button', { name: 'Train on' }).click();
  await expect(page.getByText(`Began as a copy of ${name}.`)).toBeVisible();
  await expect(finished(now + 600)).toBeVisible({ timeout: 90_000 });
  await expect(page.getByRole('heading', { level: 1 })).not.toHaveText(name);

  // Its recipe makes the changes at the same steps, until they are taken out of it.
  await page
    .getByRole('navigation')
    .getByRole('link', { name: new RegExp(`^${name}`) })
    .click();
  await page.getByRole('button', { name: 'Use this recipe' }).click();
  await goTo(page, 'Recipe');
  const changes = page.getByRole('region', { name: 'Changes on the way' });
  await expect(changes.getByRole('listitem')).toContainText([
    /After step [\d,]+: learning rate 2e-4/,
    new RegExp(`${(now + 300).toLocaleString('en')} steps in all`),
    'one more evaluation',
    new RegExp(`${(now + 500).toLocaleString('en')} steps in all`),
  ]);
  await expect(page.getByRole('main')).toContainText('learning rate, up to 2e-4');
  const remove = changes.getByRole('button', { name: /^Remove/ });
  for (let left = await remove.count(); left > 0; left--) {
    await expect(remove).toHaveCount(left);
    await remove.first().click();
  }
  await expect(changes).toHaveCount(0);
});

test('a run is discarded, the next in line begins by itself and is stopped with its last weights', async ({ page }) => {
  const name = await train(page, endless);
  await expect(progress(page)).toContainText(/best /, { timeout: 60_000 });
  await page.getByRole('button', { name: 'Add the current recipe' }).click();
  await choose(page, 'Stop and discard');
  await page.getByRole('dialog').getByRole('button', { name: 'Stop and discard' }).click();
  await expect(page.getByText(name)).toHaveCount(0, { timeout: 60_000 });
  await expect(progress(page)).toContainText(/best .* at step|best .* by the base model/, { timeout: 60_000 });
  await expect(page.getByRole('button', { name: /^Stop and keep/ })).toBeVisible({ timeout: 60_000 });
  await choose(page, 'Stop and keep the last weights');
  await expect(page.getByText(/Stopped after step [\d,]+\. The last weights are kept\./).first()).toBeVisible({
    timeout: 60_000,
  });

  // Before another one it is said how long that would take.
  await page.getByRole('button', { name: 'New run' }).click();
  await expect(
    page.getByText(/^Takes (about .+|.+ to .+), by \d+ steps? that (was|were) timed on this machine$/),
  ).toBeVisible({
    timeout: 60_000,
  });
});

/** Has the first trainer that is compiled after a word over the channel `test:out-of-memory` find no memory. */
const withoutRoom = `
  let [armed, refused] = [false, false];
  new BroadcastChannel('test:out-of-memory').onmessage = () => (armed = true);
  const { createBuffer, popErrorScope } = GPUDevice.prototype;
  GPUDevice.prototype.createBuffer = function (descriptor) {
    if (armed && descriptor.label === 'readings') [armed, refused] = [false, true];
    return createBuffer.call(this, descriptor);
  };
  GPUDevice.prototype.popErrorScope = async function () {
    const found = await popErrorScope.call(this);
    if (!refused) return found;
    refused = false;
    return new GPUOutOfMemoryError('There is no memory left.');
  };
`;

test('a GPU without room makes the batch be computed in more parts, and the run comes to its end', async ({ page }) => {
  await page.route(/\/worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${withoutRoom}${await response.text()}` });
  });
  await openWithQuickRecipe(page, { pictures: 16, steps: 6 }, 'webgpu');
  await goTo(page, 'Train');
  await expect(page.getByRole('button', { name: 'Train', exact: true })).toBeEnabled({ timeout: 90_000 });
  await page.evaluate(() => new BroadcastChannel('test:out-of-memory').postMessage(null));
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByText(/Memory did not suffice\. Batches are computed in 2 parts instead of whole/)).toBeVisible(
    {
      timeout: 120_000,
    },
  );
  await expect(page.getByText('Finished after 6 steps').first()).toBeVisible({ timeout: 120_000 });
});
