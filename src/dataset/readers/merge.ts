import { isFree } from '../columns';
import { mergeFields, questionColumns } from '../questions';
import type { Column, FieldValue, Split } from '../types';
import { cleanCaptions, type ReadSource } from './reader';
import type { Target } from './target';

/** What all sources together say. */
export interface Merged {
  readonly captions: ReadonlyMap<Target, readonly string[]>;
  readonly splits: ReadonlyMap<Target, Split>;
  readonly fields: ReadonlyMap<Target, Readonly<Record<string, FieldValue>>>;
  /** The columns of `fields`; a role goes to the first that claims it. */
  readonly columns: readonly Column[];
  /** Sources that gave captions or splits, the one with most pictures first; where none did, those that gave fields. */
  readonly contributing: readonly ReadSource[];
  /** What was left out and what was guessed, in sentences for the user. */
  readonly notes: readonly string[];
}

/**
 * Decides between sources by coverage: each picture takes its captions from the source that describes most pictures among those that describe
 * this one, and the splits likewise. So a table that happens to name a few pictures does not displace the captions of all, and two sources
 * for different pictures add up. With equal coverage the order given decides. Fields of all sources add up, and so do their
 * questions; of any other field that several give, the first says what it is.
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
  const describing = cleaned.flatMap(({ source }) =>
    [...source.described.values()].some(({ fields }) => Object.keys(fields).length > 0) ? [source] : [],
  );
  return {
    captions,
    splits,
    ...joinFields(cleaned),
    contributing: contributing.length > 0 ? contributing : describing,
    notes: [...guesses, ...leftOut],
  };
}

function joinFields(sources: readonly { readonly source: ReadSource }[]): Pick<Merged, 'fields' | 'columns'> {
  const columns = new Map<string, Column>();
  for (const { source } of sources) {
    const filled = new Set([...source.described.values()].flatMap((description) => Object.keys(description.fields)));
    for (const { name, role } of source.columns) {
      if (!filled.has(name) || columns.has(name)) continue;
      columns.set(name, { name, role: isFree(role, columns.values()) ? role : 'none' });
    }
  }
  const asked = questionColumns([...columns.values()]);
  const fields = new Map<Target, Readonly<Record<string, FieldValue>>>();
  for (const { source } of sources) {
    for (const [target, description] of source.described) {
      if (Object.keys(description.fields).length === 0) continue;
      const known = fields.get(target);
      fields.set(
        target,
        known === undefined ? description.fields : mergeFields(known, description.fields, 'known', asked),
      );
    }
  }
  return { fields, columns: [...columns.values()] };
}

function leftOutNote(source: ReadSource, winner: ReadSource, count: number): string {
  const pictures = count === 1 ? 'one picture' : `${count.toLocaleString('en')} pictures`;
  return `${pictures.charAt(0).toUpperCase()}${pictures.slice(1)} had captions from ${winner.name} and from ${source.name}: those of ${winner.name} were taken, as it describes at least as many pictures. Leave one of the two out to choose.`;
}
