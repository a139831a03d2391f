/** What is told of two lists of neighbours: which of them moved in, moved out, or stayed. */

export interface Moved<Item> {
  readonly item: Item;
  /** Null where it is in both lists. */
  readonly moved: 'in' | 'out' | null;
}

/** Both lists with what became of each item, by what tells them apart. */
export function movedBetween<Item>(
  base: readonly Item[],
  tuned: readonly Item[],
  keyOf: (item: Item) => string,
): { readonly base: readonly Moved<Item>[]; readonly tuned: readonly Moved<Item>[]; readonly stayed: number } {
  const [before, after] = [new Set(base.map(keyOf)), new Set(tuned.map(keyOf))];
  return {
    base: base.map((item) => ({ item, moved: after.has(keyOf(item)) ? null : 'out' })),
    tuned: tuned.map((item) => ({ item, moved: before.has(keyOf(item)) ? null : 'in' })),
    stayed: [...before].filter((key) => after.has(key)).length,
  };
}
