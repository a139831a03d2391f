/** A word that samples of a group share more than the others. */
export interface CommonWord {
  readonly word: string;
  /** Samples of the group that have it, and the others that do. */
  readonly inside: number;
  readonly outside: number;
}

/** Words without meaning of their own. */
const plain = new Set(
  'a an and are as at be by for from has have in is it its of on or that the this to was were with'.split(' '),
);

/**
 * Words that stand in at least half of a group's texts, and in those of the group at least twice as often as in the others; the most telling first.
 *
 * @param inside the texts of the group
 * @param outside those of all other samples
 */
export function commonWords(inside: readonly string[], outside: readonly string[]): readonly CommonWord[] {
  const within = countWords(inside);
  const beyond = countWords(outside);
  const share = (counts: number, texts: readonly string[]): number => counts / Math.max(1, texts.length);
  return [...within]
    .map(([word, count]) => ({ word, inside: count, outside: beyond.get(word) ?? 0 }))
    .filter(
      (found) => 2 * found.inside >= inside.length && share(found.inside, inside) >= 2 * share(found.outside, outside),
    )
    .sort((a, b) => b.inside - a.inside || a.outside - b.outside)
    .slice(0, 3);
}

function countWords(texts: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) {
    const words = new Set(text.toLowerCase().split(/[^\p{L}\p{N}]+/u));
    for (const word of words) if (word !== '' && !plain.has(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

/** What is said most often, where it is said of at least two and of a third of all; null where nothing is. */
export function mostSaid(said: readonly string[]): { readonly said: string; readonly count: number } | null {
  const counts = new Map<string, number>();
  for (const text of said) counts.set(text, (counts.get(text) ?? 0) + 1);
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  if (most === undefined || most[1] < 2 || 3 * most[1] < said.length) return null;
  return { said: most[0], count: most[1] };
}
