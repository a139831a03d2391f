import { readFile } from 'node:fs/promises';
import { expect, test, type Page } from '@playwright/test';
import { asChosen } from './support/data';
import { unzip } from './support/files';
import { openWithQuickRecipe } from './support/quick-recipe';
import { goTo } from './support/studio';

/** Trains with the recipe as it is, to the end. */
async function train(page: Page): Promise<void> {
  await goTo(page, 'Train');
  const again = page.getByRole('button', { name: 'New run' });
  const start = page.getByRole('button', { name: 'Train', exact: true });
  await expect(again.or(start)).toBeVisible();
  if (await again.isVisible()) await again.click();
  await start.click();
  await expect(again).toBeVisible({ timeout: 120_000 });
  await expect(page.getByText('The run has failed')).toBeHidden();
}

test('runs are found, noted, sorted and compared on the same pictures', async ({ page }) => {
  test.setTimeout(400_000);
  await openWithQuickRecipe(page, { pictures: 90, steps: 4 });
  await train(page);
  await goTo(page, 'Recipe');
  await page.getByRole('spinbutton', { name: 'Steps', exact: true }).fill('6');
  await page.getByRole('spinbutton', { name: 'Learning rate', exact: true }).fill('0.002');
  await page.getByRole('spinbutton', { name: 'Learning rate', exact: true }).press('Tab');
  await train(page);

  await page.getByRole('navigation').getByRole('link', { name: 'Runs', exact: true }).click();
  const table = page.getByRole('table');
  const boxes = page.getByRole('checkbox', { name: /^Choose (?!all )/ });
  await expect(boxes).toHaveCount(2);
  await expect
    .poll(() => table.evaluate(({ scrollWidth, parentElement }) => scrollWidth - (parentElement?.clientWidth ?? 0)))
    .toBeLessThanOrEqual(0);
  // The second says what it changed by itself.
  await expect(table.getByText(/learning rate .* → 2e-3/)).toBeVisible();

  // Notes and tags are edited where they stand, and are there again after a reload.
  await table
    .getByRole('button', { name: /^Tags of / })
    .first()
    .click();
  await table.getByRole('textbox').fill('fast, second');
  await table.getByRole('textbox').press('Enter');
  await table
    .getByRole('button', { name: /^Notes of / })
    .first()
    .click();
  await table.getByRole('textbox').fill('forgets the boxes');
  await table.getByRole('textbox').press('Enter');
  await expect(table.getByText('fast, second')).toBeVisible();
  await expect(table.getByText('forgets the boxes')).toBeVisible();
  await page.reload();
  await page.getByRole('searchbox', { name: 'Search runs' }).fill('boxes second');
  await expect(boxes).toHaveCount(1);
  await page.getByRole('searchbox', { name: 'Search runs' }).fill('');
  await page.getByRole('button', { name: 'Validation' }).click();
  await expect(page.getByText('Results are ranked only among runs on the same pictures')).toBeVisible();
  await expect(page.getByRole('rowheader', { name: /Match pictures and words 2$/ })).toBeVisible();

  await page.getByRole('checkbox', { name: 'Choose all runs shown' }).check();
  await page.getByRole('button', { name: 'Compare 2' }).click();
  await expect(page.getByRole('heading', { name: 'Comparison', level: 1 })).toBeVisible();
  await expect(page.getByRole('img', { name: /^Training loss/ })).toBeVisible();
  const fields = page.getByRole('region', { name: 'Differing fields' });
  await expect(fields.getByRole('row', { name: /^Learning rate .*2e-3/ })).toBeVisible();
  await expect(fields.getByRole('row', { name: /^Steps/ })).toBeVisible();
  await expect(fields.getByRole('row', { name: /^Batch size/ })).toBeHidden();

  await page.getByRole('button', { name: 'Measure side by side' }).click();
  await expect(page.getByRole('heading', { name: 'Sample by sample' })).toBeVisible({ timeout: 120_000 });
  const scores = page.getByRole('region', { name: 'Scores' });
  await expect(scores.getByRole('row', { name: /^Recall@1.*(±0|[+−]\d)/ }).first()).toBeVisible();
  await page.getByRole('radio', { name: /^Wrong in both/ }).click();
  await expect(page.getByRole('radio', { name: /^Wrong in both/ })).toBeChecked();

  // One that is left out leaves the other alone.
  await page
    .getByRole('button', { name: /^Leave out/ })
    .first()
    .click();
  await expect(page.getByRole('list', { name: 'Runs compared' }).getByRole('listitem')).toHaveCount(1);

  // The adviser's note changes the next recipe with one click.
  await page.getByRole('list', { name: 'Runs compared' }).getByRole('link').click();

  // All of it but its weights is taken home, with a report that shows samples.
  await page.getByRole('button', { name: 'Save curves and report' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const files = await unzip(await readFile(await (await download).path()));
  const report = new TextDecoder().decode(files.get('report.html'));
  expect(report).toContain('<h2>Examples</h2>');
  expect(report).toMatch(/<img src="data:image\/\w+;base64,/);

  // What was taken home is taken up again: the recipe of now differs in what the run changed.
  await goTo(page, 'Recipe');
  await page.getByRole('spinbutton', { name: 'Steps', exact: true }).fill('5');
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Open recipe' }).click();
  await (await chooser).setFiles(asChosen({ 'run.json': files.get('run.json') ?? '' }));
  const dialog = page.getByRole('dialog', { name: 'Open this recipe?' });
  await expect(dialog.getByRole('row', { name: /^Steps 5 [46]$/ })).toBeVisible();
  await dialog.getByRole('button', { name: 'Use this recipe' }).click();
  await expect(page.getByRole('spinbutton', { name: 'Steps', exact: true })).toHaveValue(/^[46]$/);
  await page.goBack();

  const advice = page.getByRole('region', { name: 'Advice' });
  await expect(advice.getByText('Batches of 8 are small for a loss that compares pairs.')).toBeVisible();
  await advice.getByRole('button', { name: 'Set batch size to 16' }).click();
  await expect(advice.getByText(/Batch size: 16 instead of 8/)).toBeVisible();
  await advice.getByRole('button', { name: 'Undo' }).click();
  await advice.getByRole('button', { name: 'Set batch size to 16' }).click();
  await advice.getByRole('button', { name: 'Open the recipe' }).click();
  await expect(page.getByRole('spinbutton', { name: 'Batch size', exact: true })).toHaveValue('16');

  await goTo(page, 'Runs');
  await page.getByRole('checkbox', { name: 'Choose all runs shown' }).check();
  await page.getByRole('button', { name: 'Delete 2' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete runs' }).click();
  await expect(page.getByText('Nothing has been trained yet')).toBeVisible();
});
