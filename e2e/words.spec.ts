import { readFile } from 'node:fs/promises';
import { expect, test, type Page } from '@playwright/test';
import { captionedFolder, dataSummary } from './support/data';
import { folderOf, unzip, type Files } from './support/files';
import { caption, picture } from './support/pictures';
import { choose, goTo, openStudio } from './support/studio';

/** Trains a few steps of a task with the embedded model that writes words. */
async function trainToWrite(page: Page, task: string): Promise<void> {
  await goTo(page, 'Recipe');
  await page.getByRole('combobox', { name: 'Task', exact: true }).click();
  await page.getByRole('option', { name: task }).click();
  await page.getByRole('radio', { name: 'Quick, without a GPU' }).click();
  await expect(page.getByText('Matching layers only')).toBeHidden();
  // The model in use compares pictures with words, and one click opens one that writes some.
  await goTo(page, 'Train');
  await page.getByRole('button', { name: 'Use Seed BLIP' }).click();
  await goTo(page, 'Recipe');
  await page.getByRole('spinbutton', { name: 'Batch size', exact: true }).fill('8');
  await page.getByRole('spinbutton', { name: 'Steps', exact: true }).fill('12');
  await page.getByRole('spinbutton', { name: 'Evaluate every', exact: true }).fill('12');
  await goTo(page, 'Train');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByRole('button', { name: 'New run' })).toBeVisible({ timeout: 300_000 });
  await expect(page.getByText('The run has failed')).toBeHidden();
}

/** The files of an export. */
async function exported(page: Page): Promise<Map<string, Uint8Array>> {
  await goTo(page, 'Export');
  await page.getByRole('button', { name: 'Build export' }).click();
  await expect(page.getByText(/Read back: the largest difference/)).toBeVisible({ timeout: 180_000 });
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download', exact: true }).click();
  return unzip(await readFile(await (await download).path()));
}

function configOf(files: ReadonlyMap<string, Uint8Array>): unknown {
  return JSON.parse(new TextDecoder().decode(files.get('config.json')));
}

test('captions are learnt, compared, written in the playground and taken home', async ({ page }) => {
  test.setTimeout(300_000);
  await openStudio(page);
  await choose(page, 'Choose a folder', await captionedFolder(32));
  await expect(dataSummary(page, 32)).toBeVisible({ timeout: 60_000 });
  await trainToWrite(page, 'Write captions');
  const result = page.getByRole('region', { name: 'Result' });
  await expect(result).toContainText('CIDEr-D');
  const written = page.getByRole('region', { name: 'What it writes' });
  await expect(written.getByText('tuned').first()).toBeVisible();
  await expect(page.getByRole('heading', { name: 'CIDEr-D' })).toBeVisible();

  await goTo(page, 'Evaluate');
  // Where a step was better than the base model, the test pictures are measured by themselves once the run has ended.
  await page.getByRole('button', { name: /^Evaluate( again)?$/ }).click();
  await expect(page.getByText('METEOR (NLTK, no synonyms)').first()).toBeVisible({ timeout: 180_000 });
  await expect(page.getByText('BLEU-4 (COCO)').first()).toBeVisible();

  await goTo(page, 'Playground');
  await expect(page.getByRole('radio', { name: 'Words → pictures' })).toBeHidden();
  await page.getByRole('main').locator('button:has(img)').first().click();
  const base = page.getByRole('region', { name: 'Base model' });
  const pieces = base.getByRole('list', { name: 'How probable each piece was' });
  await expect(pieces).toBeVisible({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Advanced' }).click();
  await page.getByRole('radio', { name: 'Beam search' }).click();
  await page.getByRole('spinbutton', { name: 'Longest text' }).fill('3');
  await page.keyboard.press('Tab');
  await expect(pieces.getByRole('listitem')).toHaveCount(3, { timeout: 60_000 });

  const files = await exported(page);
  expect(configOf(files)).toMatchObject({ model_type: 'blip', architectures: ['BlipForConditionalGeneration'] });
  expect(new TextDecoder().decode(files.get('README.md'))).toContain('pipeline_tag: image-to-text');
});

/** Pictures with two questions each, in a table. */
function questionFolder(count: number): Promise<string> {
  const files: Record<string, Files[string]> = {};
  const lines: string[] = [];
  for (let seed = 0; seed < count; seed++) {
    files[`${seed}.png`] = picture(seed);
    const [, colour, thing] = caption(seed).split(' ');
    lines.push(JSON.stringify({ file_name: `${seed}.png`, question: 'What colour is it?', answer: colour }));
    lines.push(JSON.stringify({ file_name: `${seed}.png`, question: 'What is it?', answer: thing }));
  }
  return folderOf({ ...files, 'metadata.jsonl': lines.join('\n') }, 'questions');
}

test('questions are answered, before and after, in a report and in the playground', async ({ page }) => {
  test.setTimeout(300_000);
  await openStudio(page);
  await choose(page, 'Choose a folder', await questionFolder(24));
  await expect(dataSummary(page, 24)).toBeVisible({ timeout: 60_000 });
  await trainToWrite(page, 'Answer questions');
  await expect(page.getByRole('region', { name: 'Result' })).toContainText('VQA accuracy');
  const answered = page.getByRole('region', { name: 'What it answers' });
  await expect(answered.getByText('What colour is it?').first()).toBeVisible();

  await goTo(page, 'Playground');
  await page.getByRole('radio', { name: 'Ask a picture' }).click();
  await page.getByRole('main').locator('button:has(img)').first().click();
  await page.getByRole('button', { name: 'What colour is it?' }).click();
  await expect(page.getByRole('textbox', { name: 'Question' })).toHaveValue('What colour is it?');
  await expect(page.getByRole('list', { name: 'How probable each piece was' })).toHaveCount(2, { timeout: 60_000 });

  const files = await exported(page);
  expect(configOf(files)).toMatchObject({ model_type: 'blip', architectures: ['BlipForQuestionAnswering'] });
  expect(new TextDecoder().decode(files.get('README.md'))).toContain('pipeline_tag: visual-question-answering');
});
