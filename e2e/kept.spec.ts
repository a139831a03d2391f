import { expect, test, type Page } from '@playwright/test';
import { openWithQuickRecipe } from './support/quick-recipe.ts';
import { goTo } from './support/studio.ts';

const pictures = 24;
const field = (page: Page, name: string) => page.getByRole('spinbutton', { name, exact: true });

test('what frozen layers make of pictures can be kept with random views too, and is seen and cleared', async ({
  page,
}) => {
  await openWithQuickRecipe(page, { pictures, steps: 4 });
  const augmentation = page.locator('section', { has: page.getByRole('heading', { name: 'Augmentation' }) });
  await expect(augmentation.getByText('Cached views')).toHaveCount(0);
  await page.getByRole('switch', { name: 'Mirror' }).click();
  await augmentation.getByRole('button', { name: 'Advanced' }).click();
  await field(page, 'Cached views').fill('2');
  await goTo(page, 'Train');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByRole('button', { name: 'New run' })).toBeVisible({ timeout: 90_000 });

  await page.getByRole('button', { name: /WebAssembly$/ }).click();
  const dialog = page.getByRole('dialog');
  const outputs = dialog.locator('dt', { hasText: 'Outputs of frozen layers' }).locator('+ dd');
  await expect(outputs).toContainText(/[1-9][\d.]* [kM]B/);
  await dialog.getByRole('button', { name: 'Clear' }).click();
  await expect(outputs).toContainText('0 B');
  await expect(dialog.getByRole('button', { name: 'Clear' })).toHaveAttribute('aria-disabled', 'true');
});
