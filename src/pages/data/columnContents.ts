import { textsOf, valueIn } from '../../dataset/columns';
import { pictureOf } from '../../dataset/sample';
import type { Column, SampleRecord } from '../../dataset/types';

/** So many values are shown of a column, and this much of each. */
const shownValues = 3;
const shownCharacters = 60;

/** What lies in a column, as far as it is shown. */
export interface ColumnContents {
  /** The first different values, long ones cut. */
  readonly examples: readonly string[];
  /** How many different ones there are. */
  readonly different: number;
  /** How many samples have one. */
  readonly filled: number;
}

/** Looks through a column; of the pictures themselves, the paths are told. */
export function columnContents(column: Column, images: readonly SampleRecord[]): ColumnContents {
  const different = new Set<string>();
  let filled = 0;
  for (const image of images) {
    const value = column.role === 'image' ? pictureOf(image).path : valueIn(image, column);
    if (value === null) continue;
    filled += 1;
    for (const item of textsOf(value)) if (item !== '') different.add(item);
  }
  const examples: string[] = [];
  for (const value of different) {
    if (examples.length === shownValues) break;
    examples.push(value.length > shownCharacters ? `${value.slice(0, shownCharacters).trimEnd()}…` : value);
  }
  return { examples, different: different.size, filled };
}
