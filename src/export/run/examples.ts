import { kindLabel } from '../../tasks/change-label';
import { changeKinds, type ChangedSample } from '../../tasks/changes';
import { cards } from '../../tasks/cards';
import type { Example } from '../../tasks/example';
import { taskIdOf } from '../../tasks';
import type { Run } from '../../runs/types';
import { escapeHtml } from './html';

/** Samples in the report of a run: of those on the test pictures what was fixed and what was broken, else what it kept of validation. */

/** Samples of each group. */
const shown = 6;

interface ExampleGroup {
  readonly title: string;
  readonly examples: readonly Example[];
}

export function exampleGroups(run: Run): readonly ExampleGroup[] {
  const changes = run.test?.changes;
  if (changes) {
    return changeKinds.flatMap((kind) => {
      const { count, samples } = changes[kind];
      const label = kindLabel(kind, changes);
      // Every sample is among the lowest scores.
      const title = kind === 'wrong' && !changes.decided ? label : `${label}: ${count.toLocaleString('en')}`;
      return samples.length === 0 ? [] : [{ title, examples: samples.slice(0, shown).map(exampleOf) }];
    });
  }
  const examples = cards[taskIdOf(run.recipe)].examples(run.predictions).slice(0, 2 * shown);
  return examples.length === 0 ? [] : [{ title: 'On validation pictures', examples }];
}

function exampleOf({ imageId, asked, wanted, base, tuned }: ChangedSample): Example {
  return { imageId, ...(asked === undefined ? {} : { asked }), wanted, base: base.said, tuned: tuned.said };
}

/** Ids of the pictures that examples are about. */
export function examplePictures(run: Run): readonly string[] {
  return [...new Set(exampleGroups(run).flatMap(({ examples }) => examples.map(({ imageId }) => imageId)))];
}

/**
 * The section of the report; empty where there is nothing to show.
 *
 * @param pictures addresses that hold the pictures themselves (`data:image/…`), by id; one that is missing is left out
 */
export function exampleSection(run: Run, pictures: ReadonlyMap<string, string>): string {
  const groups = exampleGroups(run).map(({ title, examples }) => {
    const cards = examples.map((example) => exampleCard(example, pictures.get(example.imageId)));
    return `<h3>${escapeHtml(title)}</h3><div class="samples">${cards.join('\n')}</div>`;
  });
  return groups.length === 0 ? '' : `<section><h2>Examples</h2>${groups.join('\n')}</section>`;
}

function exampleCard({ asked, wanted, base, tuned }: Example, picture: string | undefined): string {
  const image = picture === undefined ? '<i></i>' : `<img src="${escapeHtml(picture)}" alt="">`;
  const rows = [
    ...(asked === undefined ? [] : [['Asked', asked]]),
    ['Wanted', wanted],
    ['Base model', base],
    ['Fine-tuned', tuned],
  ];
  const list = rows.map(([name = '', said = '']) => `<dt>${name}</dt><dd>${escapeHtml(said === '' ? '—' : said)}</dd>`);
  return `<div class="sample">${image}<dl>${list.join('')}</dl></div>`;
}
