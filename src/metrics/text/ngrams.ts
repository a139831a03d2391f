/** How often each run of 1 to `longest` words comes, by the words with spaces between; a list by length, from 1 on. */
export function ngramCounts(words: readonly string[], longest: number): readonly ReadonlyMap<string, number>[] {
  return Array.from({ length: longest }, (_, index) => {
    const counts = new Map<string, number>();
    for (let at = 0; at + index < words.length; at++) {
      const ngram = words.slice(at, at + index + 1).join(' ');
      counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
    }
    return counts;
  });
}
