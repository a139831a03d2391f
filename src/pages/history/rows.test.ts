import { expect, test } from 'vitest';
import { finishedRun } from '../../export/testing/facts';
import { withFields } from '../../recipe/fields';
import type { Run } from '../../runs/types';
import type { RunTableView } from '../../stores/runTable';
import { tableRows } from './rows';

const run = (id: string, changes: Partial<Run> = {}): Run => ({ ...finishedRun, id, name: id, ...changes });
const plain: RunTableView = { search: '', sort: 'begun', descending: true, group: 'none' };
const sweeps = new Map([['s1', 'Learning rate × weight decay']]);
const shown = (runs: readonly Run[], options: Partial<RunTableView>): string[] =>
  tableRows(runs, { ...plain, ...options }, sweeps).map((row) =>
    row.kind === 'run' ? row.run.id : `${row.label} (${row.runs.length})`,
  );

const scoring = (id: string, recall: number, changes: Partial<Run> = {}): Run => {
  const [evaluation] = finishedRun.evaluations;
  const metrics = { ...evaluation!.metrics, 'recall@1': recall, 'imageToText.recallAt1': recall };
  return run(id, {
    evaluations: [{ ...evaluation!, metrics }],
    weightsStep: evaluation!.step,
    bestStep: evaluation!.step,
    ...changes,
  });
};

test('runs are sorted either way, equals as they came, and those without a value last', () => {
  const runs = [run('b', { createdAt: 1 }), run('a', { createdAt: 3 }), run('c', { createdAt: 2 })];
  expect(shown(runs, {})).toEqual(['a', 'c', 'b']);
  expect(shown(runs, { sort: 'name', descending: false })).toEqual(['a', 'b', 'c']);
  expect(shown(runs, { sort: 'steps' })).toEqual(['b', 'a', 'c']);
  const nothing = run('nothing', { evaluations: [], baseline: null });
  for (const descending of [true, false]) {
    expect(
      shown([nothing, scoring('low', 0.1), scoring('high', 0.9)], { sort: 'validation', descending }).slice(1),
    ).toEqual(descending ? ['high', 'low', 'nothing'] : ['low', 'high', 'nothing']);
  }
});

test('runs on other data or of other tasks are not ranked together', () => {
  const other = { ...finishedRun.dataset, name: 'Shoe shop', fingerprint: 'abcdef99' };
  const classes = withFields(finishedRun.recipe, { task: 'classification' });
  const runs = [
    scoring('a', 0.2),
    scoring('b', 0.9, { dataset: other }),
    scoring('c', 0.5),
    run('d', { recipe: classes }),
  ];
  const rows = shown(runs, { sort: 'validation', group: 'state' });
  expect(rows).toHaveLength(7);
  const heading = `Shoe shop, ${finishedRun.dataset.fingerprint.slice(0, 6)} · Match pictures and words (2)`;
  expect(rows.slice(rows.indexOf(heading)).slice(0, 3)).toEqual([heading, 'c', 'a']);
  expect(rows).toContain('Shoe shop, abcdef · Match pictures and words (1)');
});

test('all words of a search have to occur, in names, tags, notes, data or recipe', () => {
  const runs = [
    run('amber-otter', { tags: ['cats'], remarks: 'Best on whiskers' }),
    run('calm-fox', { tags: ['dogs'], state: 'failed' }),
  ];
  expect(shown(runs, { search: 'WHISKERS cats' })).toEqual(['amber-otter']);
  expect(shown(runs, { search: 'failed' })).toEqual(['calm-fox']);
  expect(shown(runs, { search: 'matching shoe' })).toEqual(['amber-otter', 'calm-fox']);
  expect(shown(runs, { search: 'cats dogs' })).toEqual([]);
});

test('a run stands under each of its tags', () => {
  const runs = [run('a', { tags: ['x', 'y'] }), run('b', { tags: ['y'] }), run('c', { tags: [] })];
  expect(shown(runs, { group: 'tag' })).toEqual(['x (1)', 'a', 'y (2)', 'a', 'b', 'No tag (1)', 'c']);
  expect(new Set(tableRows(runs, { ...plain, group: 'tag' }).map(({ key }) => key)).size).toBe(7);
});

test('trials stand under their sweep and are found by its name, also after it was deleted', () => {
  const trial = (id: string, sweep: string) => run(id, { sweep: { id: sweep, trial: 1 } });
  const runs = [trial('a', 's1'), run('b'), trial('c', 'gone'), trial('d', 's1')];
  expect(shown(runs, { group: 'sweep' })).toEqual([
    'Learning rate × weight decay (2)',
    'a',
    'd',
    'In no sweep (1)',
    'b',
    'A deleted sweep (1)',
    'c',
  ]);
  expect(shown(runs, { search: 'weight DECAY ×' })).toEqual(['a', 'd']);
});
