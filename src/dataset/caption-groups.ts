/** Equal for captions that say the same to any model: CLIP's tokenizers ignore case and runs of white space. */
export function captionKey(caption: string): string {
  return caption.trim().replace(/\s+/g, ' ').toLowerCase();
}

/** The distinct captions of pictures by their keys, and which of them each picture carries. */
export function distinctCaptions(pictures: readonly { readonly captions: readonly string[] }[]): {
  readonly keys: readonly string[];
  /** Per picture, places in `keys`. */
  readonly captionsOf: readonly (readonly number[])[];
} {
  const places = new Map<string, number>();
  const captionsOf = pictures.map(({ captions }) => [
    ...new Set(
      captions.map((caption) => {
        const key = captionKey(caption);
        const place = places.get(key) ?? places.size;
        places.set(key, place);
        return place;
      }),
    ),
  ]);
  return { keys: [...places.keys()], captionsOf };
}

/**
 * Groups of captions that are tied by pictures carrying several of them, numbered in the order of their first caption.
 *
 * @param captionsOf per picture, its captions
 */
export function captionGroups(
  captionsOf: readonly (readonly number[])[],
  captions: number,
): { readonly ofCaption: Int32Array; readonly count: number } {
  const parent = Int32Array.from({ length: captions }, (_, caption) => caption);
  const root = (caption: number): number => {
    let at = caption;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at] as number] as number;
      at = parent[at] as number;
    }
    return at;
  };
  for (const [first, ...others] of captionsOf) {
    for (const other of others) {
      const [a, b] = [root(first as number), root(other)];
      parent[Math.max(a, b)] = Math.min(a, b);
    }
  }
  const numbers = new Map<number, number>();
  const ofCaption = parent.map((_, caption) => {
    const group = root(caption);
    const number = numbers.get(group) ?? numbers.size;
    numbers.set(group, number);
    return number;
  });
  return { ofCaption, count: numbers.size };
}
