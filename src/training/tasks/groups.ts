import { columnsWithRole, textIn } from '../../dataset/columns';
import type { Dataset, SampleRecord } from '../../dataset/types';
import { eachByItself } from './compare';

/**
 * Fewest groups of a column that samples are drawn by. Fewer tell kinds of samples apart, such as by whom they were made, each with many that are
 * evidence of their own.
 */
const fewestGroups = 10;

/**
 * What of some samples is drawn together when they are resampled, since it is no separate evidence: samples of one group, by the dataset's columns of
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
  const names = columnsWithRole(dataset, 'group').map((column) =>
    samples.map((sample) => textIn(sample, column)?.trim() ?? ''),
  );
  const tying = names.filter((own) => new Set(own).size >= fewestGroups);
  if (tying.length === 0) return tied;
  const parent = eachByItself(tied.reduce((most, group) => Math.max(most, group + 1), 0));
  const root = (group: number): number => {
    let at = group;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  };
  for (const own of tying) {
    const firstOf = new Map<string, number>();
    own.forEach((name, place) => {
      if (name === '') return;
      const [group, other] = [root(tied[place]!), root(firstOf.get(name) ?? tied[place]!)];
      firstOf.set(name, group);
      parent[Math.max(group, other)] = Math.min(group, other);
    });
  }
  const numbers = new Map<number, number>();
  return tied.map((group) => {
    const number = numbers.get(root(group)) ?? numbers.size;
    numbers.set(root(group), number);
    return number;
  });
}
