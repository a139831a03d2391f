import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { expect, test, type Page } from '@playwright/test';
import type { AxeResults, RunOptions } from 'axe-core';
import { clippedWords } from './support/clipped.ts';
import { openWithQuickRecipe } from './support/quick-recipe.ts';
import { goTo } from './support/studio.ts';

const stages = ['Data', 'Model', 'Recipe', 'Train', 'Evaluate', 'Playground', 'Export'];

/** The tests look at one studio, with data, a model and a finished run. */
test.describe.configure({ mode: 'serial' });

let page: Page;

test.beforeAll(async ({ browser, baseURL }) => {
  page = await browser.newPage({ baseURL: baseURL ?? '', reducedMotion: 'reduce' });
  await page.addInitScript(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  await openWithQuickRecipe(page, { pictures: 40, steps: 4 });
  await page.getByRole('spinbutton', { name: 'Evaluate every' }).fill('2');
  await goTo(page, 'Train');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByRole('button', { name: 'New run' })).toBeVisible({ timeout: 90_000 });
});

test.afterAll(() => page.close());

/** What axe finds wrong on the page as it is, by rule and element. */
async function faults(): Promise<readonly string[]> {
  const found = await page.evaluate(async () => {
    // Colours that are still on their way to another theme are no colours to judge.
    const nextFrame = (): Promise<unknown> => new Promise(requestAnimationFrame);
    const underWay = (): boolean => document.getAnimations().some((animation) => animation instanceof CSSTransition);
    // An element that inherits a colour begins its own way once that has arrived.
    for (let still = 0; still < 5; still = underWay() ? 0 : still + 1) await nextFrame();
    const { axe } = window as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } };
    const options: RunOptions = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] };
    const { violations } = await axe.run(options);
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
  });
  return found.map((fault) => fault.slice(0, 400));
}

/** Words that are not shown whole on a small laptop, or in half of a screen. */
async function clipped(): Promise<readonly string[]> {
  const size = page.viewportSize();
  const found: string[] = [];
  for (const width of [1280, 1024]) {
    await page.setViewportSize({ width, height: 800 });
    found.push(...(await clippedWords(page)).map((words) => `${width} pixels: ${words}`));
  }
  if (size !== null) await page.setViewportSize(size);
  return found;
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const stage of stages) {
    test(`${stage}, ${colorScheme}`, async () => {
      await page.emulateMedia({ colorScheme });
      await goTo(page, stage);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expect(page.getByRole('main').getByRole('progressbar')).toHaveCount(0);
      expect.soft(await faults()).toEqual([]);
      if (colorScheme === 'light') expect.soft(await clipped()).toEqual([]);
    });
  }

  test(`a new sweep, ${colorScheme}`, async () => {
    await page.emulateMedia({ colorScheme });
    await goTo(page, 'Recipe');
    await page.getByRole('button', { name: 'Sweep', exact: true }).click();
    await expect(page.getByRole('heading', { name: 'What varies' })).toBeVisible();
    expect.soft(await faults()).toEqual([]);
  });

  test(`a run, ${colorScheme}`, async () => {
    await page.emulateMedia({ colorScheme });
    await page.getByRole('navigation').getByRole('link', { name: /R@1/ }).click();
    await expect(page.getByRole('heading', { name: /^Recall@1/ }).first()).toBeVisible();
    expect.soft(await faults()).toEqual([]);
    if (colorScheme === 'light') expect.soft(await clipped()).toEqual([]);
  });
}

test('a report and answers, light and dark', async () => {
  await goTo(page, 'Evaluate');
  await page.getByRole('button', { name: /^Evaluate/ }).click();
  await expect(page.getByRole('heading', { name: /mistakes/i })).toBeVisible({ timeout: 60_000 });
  expect.soft(await clipped()).toEqual([]);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    expect.soft(await faults()).toEqual([]);
  }
  await goTo(page, 'Playground');
  await page.getByRole('searchbox').fill('a red box');
  await expect(page.getByRole('region', { name: 'Base model' }).getByRole('button').first()).toBeVisible();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    expect.soft(await faults()).toEqual([]);
  }
});

test('what is told by a ground alone is seen in a contrast theme', async () => {
  await page.emulateMedia({ forcedColors: 'active' });
  await goTo(page, 'Recipe');
  await expect(page.getByRole('switch').first()).toBeVisible();
  const unseen = await page.evaluate(() => {
    const ground = (element: Element | null): string =>
      element === null ? '' : getComputedStyle(element).backgroundColor;
    const canvas = ground(document.body);
    const switches = [...document.querySelectorAll('[role="switch"]')].filter(
      (each) => ground(each) === canvas || ground(each) === ground(each.firstElementChild),
    );
    const chosen = [
      ...document.querySelectorAll('[aria-checked="true"]:not([role="switch"]), [aria-current="page"]'),
    ].filter((each) => ground(each) === canvas);
    const sliders = [...document.querySelectorAll('[role="slider"]')].filter((each) => ground(each) === canvas);
    return [...switches, ...chosen, ...sliders].map(({ outerHTML }) => outerHTML.slice(0, 200));
  });
  await page.emulateMedia({ forcedColors: 'none' });
  expect(unseen).toEqual([]);
});

test('no page is wider than the narrowest screen, and tables scroll where they do not fit', async () => {
  const size = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 568 });
  const width = () => page.evaluate(() => document.documentElement.scrollWidth);
  /** Tables that run out of what holds them instead of scrolling there. */
  const loose = () =>
    page.evaluate(() =>
      [...document.querySelectorAll('main table')]
        .filter(({ parentElement: holder }) => holder !== null && holder.scrollWidth > holder.clientWidth)
        .filter(({ parentElement: holder }) => holder !== null && getComputedStyle(holder).overflowX === 'visible')
        .map((table) => table.getAttribute('aria-label')),
    );
  for (const stage of stages) {
    await goTo(page, stage);
    await expect(page.getByRole('main').getByRole('progressbar')).toHaveCount(0);
    expect.soft(await width(), stage).toBeLessThanOrEqual(320);
    expect.soft(await loose(), stage).toEqual([]);
  }
  await expect(page.getByRole('navigation').getByRole('link', { name: 'Runs', exact: true })).toBeVisible();
  await goTo(page, 'Train');
  await expect(page.getByRole('button', { name: 'Evaluate', exact: true })).toBeInViewport({ ratio: 1 });
  if (size !== null) await page.setViewportSize(size);
  await page.getByRole('navigation').getByRole('link', { name: /R@1/ }).click();
  await page.setViewportSize({ width: 320, height: 568 });
  await expect(page.getByRole('heading', { name: /^Recall@1/ }).first()).toBeVisible();
  expect.soft(await width(), 'a run').toBeLessThanOrEqual(320);
  if (size !== null) await page.setViewportSize(size);
});

/** Goes through the page with the Tab key; gives the controls that had the focus, and those of them that did not show it. */
async function tabThrough(): Promise<{ readonly reached: readonly string[]; readonly unseen: readonly string[] }> {
  await page.evaluate(() => {
    for (const element of document.querySelectorAll<HTMLElement>('[data-reached]')) delete element.dataset['reached'];
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    window.getSelection()?.removeAllRanges();
  });
  const reached: string[] = [];
  const unseen: string[] = [];
  for (let presses = 0; presses < 400; presses++) {
    await page.keyboard.press('Tab');
    const focus = await page.evaluate(() => {
      const element = document.activeElement;
      // From the end of the page the focus goes on at its beginning.
      if (!(element instanceof HTMLElement) || element === document.body) return 'end';
      if (element.dataset['reached'] !== undefined) return null;
      element.dataset['reached'] = '';
      const shown = (target: Element | null): boolean => {
        if (target === null) return false;
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(target);
        return (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
      };
      const text = element.getAttribute('aria-label') ?? element.innerText;
      // Fields show their focus at the frame around them.
      return {
        name: `${element.tagName.toLowerCase()} ${text}`.trim(),
        shown: shown(element) || shown(element.parentElement),
      };
    });
    if (focus === 'end') continue;
    if (focus === null) break;
    reached.push(focus.name);
    if (!focus.shown) unseen.push(focus.name);
  }
  return { reached, unseen };
}

/** Controls that the Tab key should reach: all that can be used, of a group of radio buttons or tabs one. */
function unreached(): Promise<readonly string[]> {
  return page.evaluate(() =>
    [
      ...document.querySelectorAll<HTMLElement>(
        'a[href], button, input, select, textarea, [role="slider"], [role="switch"]',
      ),
    ]
      .filter((element) => element.checkVisibility({ visibilityProperty: true }) && element.tabIndex >= 0)
      .filter((element) => !(element as HTMLButtonElement).disabled && element.dataset['reached'] === undefined)
      .filter((element) => element.closest('[aria-hidden="true"]') === null)
      .filter((element) => element.closest('[role="radiogroup"], [role="tablist"]') === null)
      .map((element) => element.outerHTML.slice(0, 200)),
  );
}

for (const stage of stages) {
  test(`${stage}: every control is reached with the keyboard and shows the focus`, async () => {
    await page.emulateMedia({ colorScheme: 'light' });
    // The layers of the model are there once it is open.
    await expect(page.getByRole('navigation').getByRole('link', { name: /^Model/ })).toContainText('Seed CLIP');
    await goTo(page, stage);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.getByRole('main').getByRole('progressbar')).toHaveCount(0);
    const { reached, unseen } = await tabThrough();
    expect(reached.length).toBeGreaterThan(stages.length);
    expect.soft(unseen).toEqual([]);
    expect.soft(await unreached()).toEqual([]);
  });
}
