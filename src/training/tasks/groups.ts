import { columnWithRole, textIn } from '../../dataset/columns';
import type { Dataset, SampleRecord } from '../../dataset/types';
import { eachByItself } from './compare';

/**
 * What of some samples is drawn together when they are resampled, since it is no separate evidence: samples of one group, by the dataset's column of
 * groups (pictures of one subject, pages of one book), and what the task ties.
 *
 * @param tied per sample, the number of a group from 0, where the task ties samples
 * @returns per sample, the number of its group from 0
 */
export function groupsOf(
  samples: readonly SampleRecord[],
  dataset: Pick<Dataset, 'columns'>,
  tied: Int32Array = eachByItself(samples.length),
): Int32Array {
  const column = columnWithRole(dataset, 'group');
  if (column === null) return tied;
  const parent = eachByItself(tied.reduce((most, group) => Math.max(most, group + 1), 0));
  const root = (group: number): number => {
    let at = group;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  };
  const firstOf = new Map<string, number>();
  samples.forEach((sample, place) => {
    const name = textIn(sample, column)?.trim() ?? '';
    if (name === '') return;
    const [own, other] = [root(tied[place]!), root(firstOf.get(name) ?? tied[place]!)];
    firstOf.set(name, own);
    parent[Math.max(own, other)] = Math.min(own, other);
  });
  const numbers = new Map<number, number>();
  return tied.map((group) => {
    const number = numbers.get(root(group)) ?? numbers.size;
    numbers.set(root(group), number);
    return number;
  });
}
