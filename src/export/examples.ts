import { changesOf, type ChangedSample, type Changes } from '../tasks/changes';
import type { ExportFacts } from './facts';
import { count, inline, table } from './markdown';
import { fewestPictures } from './results';

/** Samples of each kind that the card shows. */
const shown = 4;

/** The card's section on what training changed of the test samples: how many were fixed and broken, and where that is asked for, a few of both. */
export function changesSection({ test, examples }: Pick<ExportFacts, 'test' | 'examples'>): string {
  const changes = test === null ? null : changesOf(test.outcomes);
  if (changes === null || changes.measured < fewestPictures) return '';
  const parts = [countsOf(changes), ...(examples ? [examplesOf(changes)] : [])];
  return `## What changed\n\n${parts.join('\n\n')}`;
}

function countsOf({ fixed, broken, wrong, measured, decided, errors, pValue }: Changes): string {
  if (errors) {
    return `Of ${count(measured)} test samples, ${count(fixed.count)} come out closer than with the base model and ${count(broken.count)} further off.`;
  }
  if (!decided) {
    return `Of ${count(measured)} test samples, ${count(fixed.count)} score higher than with the base model and ${count(broken.count)} lower.`;
  }
  const chance =
    pValue === null ? '' : ` (McNemar's exact test: p ${pValue < 0.001 ? '< 0.001' : `= ${pValue.toFixed(3)}`})`;
  return `Of ${count(measured)} test samples, ${count(fixed.count)} that the base model gets wrong are right now, and ${count(broken.count)} that it gets right are wrong now${chance}. ${count(wrong.count)} are wrong with both.`;
}

/** Both kinds, the largest changes first: a card that showed what went well alone would mislead. */
function examplesOf({ fixed, broken, decided }: Changes): string {
  const row = (kind: string) => (sample: ChangedSample) =>
    [kind, words(sample), inline(sample.base.said), inline(sample.tuned.said)] as const;
  const rows = [
    ...fixed.samples.slice(0, shown).map(row(decided ? 'fixed' : 'better')),
    ...broken.samples.slice(0, shown).map(row(decided ? 'broken' : 'worse')),
  ];
  if (rows.length === 0) return 'There is no example to show: none has changed.';
  return `The samples that changed most:\n\n${table(['', 'Wanted', 'Base model', 'This model'], rows)}`;
}

function words({ asked, wanted }: ChangedSample): string {
  return asked === undefined ? inline(wanted) : `${inline(asked)} ${inline(wanted)}`;
}
