import { count } from '../../components/format';
import type { ChangeKind, Changes } from '../../tasks/changes';

/** What a kind of change means, as a sentence. */
export function kindMeaning(kind: ChangeKind, { decided, errors }: Pick<Changes, 'decided' | 'errors'>): string {
  const meanings: Readonly<Record<ChangeKind, string>> = decided
    ? {
        fixed: 'Wrong before, right after training; the largest changes first.',
        broken:
          'Right before, wrong after training; the largest changes first. Look here before you believe the average.',
        wrong: 'Wrong before and after; the lowest scores first. Some may be labelled wrongly.',
      }
    : errors
      ? {
          fixed: 'Closer after training; the largest changes first.',
          broken: 'Further off after training; the largest changes first.',
          wrong: 'What is furthest off after training. Some numbers may be wrong themselves.',
        }
      : {
          fixed: 'Scored higher after training; the largest changes first.',
          broken: 'Scored lower after training; the largest changes first.',
          wrong: 'What scores lowest after training. Some may be labelled wrongly.',
        };
  return meanings[kind];
}

/** What changed in one line: `212 fixed, 31 broken`. */
export function changesInWords({ fixed, broken, decided, measured, pValue }: Changes): string {
  if (!decided) return `${count(fixed.count)} better, ${count(broken.count)} worse, of ${count(measured)}`;
  if (fixed.count + broken.count === 0)
    return `Nothing turned: of ${count(measured)}, all are as right or wrong as before`;
  const chance = pValue !== null && pValue >= 0.05 ? ', which may be chance' : '';
  return `${count(fixed.count)} fixed, ${count(broken.count)} broken, of ${count(measured)}${chance}`;
}
