import type { ChangeKind, Changes } from './changes';

/** What kinds of change are called, where samples are right or wrong and where they only score. */
export function kindLabel(kind: ChangeKind, { decided, errors }: Pick<Changes, 'decided' | 'errors'>): string {
  const labels: Readonly<Record<ChangeKind, string>> = decided
    ? { fixed: 'Fixed', broken: 'Broken', wrong: 'Still wrong' }
    : { fixed: 'Better', broken: 'Worse', wrong: errors ? 'Furthest off' : 'Lowest scores' };
  return labels[kind];
}
