import { expect, test } from '@playwright/test';
import { goTo } from './support/studio';
import { openWithQuickRecipe } from './support/quick-recipe';

test('a result opens with what changed; a sample shows where the models look, is excluded, and taken back', async ({
  page,
}) => {
  test.setTimeout(600_000);
  await openWithQuickRecipe(page, { pictures: 60, steps: 12 });
  await goTo(page, 'Train');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByRole('button', { name: 'New run' })).toBeVisible({ timeout: 420_000 });

  // The run was measured on its test pictures by itself; the rail leads to its page.
  await page.getByRole('navigation').getByRole('link', { name: /R@1/ }).first().click();
  const changed = page.getByRole('region', { name: 'What changed' });
  await expect(changed).toBeVisible({ timeout: 120_000 });
  await expect(changed.getByText(/\d+ fixed, \d+ broken|Nothing turned/)).toBeVisible();
  const kinds = changed.getByRole('radio');
  for (const kind of await kinds.all()) {
    await kind.click();
    if ((await changed.getByRole('listitem').count()) > 0) break;
  }
  const first = changed.getByRole('listitem').first();
  await first.getByRole('button', { name: /^Look closer at/ }).click();

  const dialog = page.getByRole('dialog');
  for (const who of ['Base model', /^What (?!Base)/]) {
    const side = dialog.getByRole('region', {
      name: typeof who === 'string' ? `What ${who} looks at` : who,
    });
    await expect(side.getByRole('img', { name: /Most weight: .+ \d+ %/ })).toBeVisible({ timeout: 120_000 });
    await expect(side.getByRole('list', { name: 'Weights of the words' })).toContainText('%');
  }
  const weights = dialog.getByRole('img', { name: /Most weight/ }).first();
  const relevant = await weights.getAttribute('aria-label');
  await dialog.getByRole('radio', { name: 'Rollout' }).click();
  await expect(weights).not.toHaveAttribute('aria-label', relevant ?? '');
  await dialog.getByRole('slider', { name: 'Heat' }).press('Home');
  await expect(dialog.getByText('0 %', { exact: true }).first()).toBeVisible();
  await dialog.getByRole('button', { name: 'Find them, before and after' }).click();
  await expect(dialog.getByText(/pictures and \d of \d captions stayed/)).toBeVisible({ timeout: 120_000 });

  await dialog.getByRole('button', { name: 'Exclude' }).click();
  await expect(dialog.getByRole('button', { name: 'Take back' })).toBeVisible();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await goTo(page, 'Data');
  await expect(page.getByText(/^59 of 60|60 pictures/).first()).toBeVisible();
  await page.getByRole('button', { name: /1 excluded/ }).click();
  await expect(page.getByText('1 of 60 shown')).toBeVisible();
  await page.getByRole('button', { name: /^Open / }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Let it take part again' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Done' }).click();
  await expect(page.getByText('No picture fits')).toBeVisible();

  // The Evaluate page shows the same, whole, and sorts the mistakes into groups.
  await goTo(page, 'Evaluate');
  await page.getByRole('radio', { name: 'Train' }).click();
  await page.getByRole('button', { name: 'Evaluate', exact: true }).click();
  await expect(page.getByRole('region', { name: 'What changed' })).toBeVisible({ timeout: 120_000 });
  await page.getByRole('button', { name: 'Group the mistakes' }).click();
  await expect(page.getByText('nearest captions').first()).toBeVisible({ timeout: 120_000 });
});
