import type { Column, FieldValue, Split } from '../types';
import { cleanCaptions, type ReadSource, type Target } from './reader';

/** What all sources together say. */
export interface Merged {
  readonly captions: ReadonlyMap<Target, readonly string[]>;
  readonly splits: ReadonlyMap<Target, Split>;
  readonly fields: ReadonlyMap<Target, Readonly<Record<string, FieldValue>>>;
  /** The columns of `fields`; a role goes to the first that claims it. */
  readonly columns: readonly Column[];
  /** Sources that gave captions or splits, the one with most pictures first. */
  readonly contributing: readonly ReadSource[];
  /** What was left out and what was guessed, in sentences for the user. */
  readonly notes: readonly string[];
}

/**
 * Decides between sources by coverage: each picture takes its captions from the source that describes most pictures among those that describe
 * this one, and the splits likewise. So a table that happens to name a few pictures does not displace the captions of all, and two sources
 * for different pictures add up. With equal coverage the order given decides. Fields of all sources add up, and of one that several give, the
 * first says what it is.
 */
export function mergeSources(sources: readonly ReadSource[]): Merged {
  const cleaned = sources.map((source) => {
    const captions = new Map<Target, string[]>();
    for (const [target, description] of source.described) {
      const clean = cleanCaptions(description.captions);
      if (clean.length > 0) captions.set(target, clean);
    }
    return { source, captions };
  });
  cleaned.sort((a, b) => b.captions.size - a.captions.size);
  const captions = new Map<Target, readonly string[]>();
  const givenBy = new Map<Target, ReadSource>();
  const splits = new Map<Target, Split>();
  const contributing: ReadSource[] = [];
  const leftOut: string[] = [];
  for (const { source, captions: own } of cleaned) {
    let contributes = false;
    const lost = new Map<ReadSource, number>();
    for (const [target, clean] of own) {
      const winner = givenBy.get(target);
      if (winner === undefined) {
        captions.set(target, clean);
        givenBy.set(target, source);
        contributes = true;
      } else if (clean.some((caption) => captions.get(target)?.includes(caption) !== true)) {
        lost.set(winner, (lost.get(winner) ?? 0) + 1);
      }
    }
    for (const [target, { split }] of source.described) {
      if (split === null || splits.has(target)) continue;
      splits.set(target, split);
      contributes = true;
    }
    if (contributes) contributing.push(source);
    for (const [winner, count] of lost) leftOut.push(leftOutNote(source, winner, count));
  }
  const guesses = contributing.flatMap(({ note }) => note ?? []);
  return { captions, splits, ...mergeFields(cleaned), contributing, notes: [...guesses, ...leftOut] };
}

function mergeFields(sources: readonly { readonly source: ReadSource }[]): Pick<Merged, 'fields' | 'columns'> {
  const fields = new Map<Target, Readonly<Record<string, FieldValue>>>();
  const columns = new Map<string, Column>();
  for (const { source } of sources) {
    const filled = new Set<string>();
    for (const [target, description] of source.described) {
      const names = Object.keys(description.fields);
      if (names.length === 0) continue;
      fields.set(target, { ...description.fields, ...fields.get(target) });
      for (const name of names) filled.add(name);
    }
    for (const { name, role } of source.columns) {
      if (!filled.has(name) || columns.has(name)) continue;
      const isHeld = [...columns.values()].some((column) => column.role === role);
      columns.set(name, { name, role: isHeld ? 'none' : role });
    }
  }
  return { fields, columns: [...columns.values()] };
}

function leftOutNote(source: ReadSource, winner: ReadSource, count: number): string {
  const pictures = count === 1 ? 'one picture' : `${count.toLocaleString('en')} pictures`;
  return `${pictures.charAt(0).toUpperCase()}${pictures.slice(1)} had captions from ${winner.name} and from ${source.name}: those of ${winner.name} were taken, as it describes at least as many pictures. Leave one of the two out to choose.`;
}
