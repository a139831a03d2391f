import { porterStem } from './porter';

/**
 * METEOR as NLTK computes it (`nltk.translate.meteor_score` with α = 0.9, β = 3, γ = 0.5), by equal words and equal stems alone: the synonyms of WordNet,
 * which NLTK looks up as a third step, are not at hand. Scores are at most those with synonyms, and up to ten points away from those of the program
 * METEOR 1.5 that COCO's evaluation runs.
 *
 * @param references at least one; each as words in lower case
 * @returns of the reference that gives most, 0…1
 */
export function meteor(references: readonly (readonly string[])[], said: readonly string[]): number {
  return Math.max(...references.map((reference) => against(reference, said)));
}

function against(reference: readonly string[], said: readonly string[]): number {
  const places = aligned(reference, said);
  const matches = places.size;
  if (matches === 0) return 0;
  const precision = matches / said.length;
  const recall = matches / reference.length;
  const mean = (precision * recall) / (0.9 * precision + 0.1 * recall);
  // Runs of words that stand side by side in both.
  const runs = [...places].filter(([own, other]) => places.get(own - 1) !== other - 1).length;
  return (1 - 0.5 * (runs / matches) ** 3) * mean;
}

/** Place in the reference by the place of what was said: equal words first, then equal stems, from behind, each time the last that is free. */
function aligned(reference: readonly string[], said: readonly string[]): ReadonlyMap<number, number> {
  const places = new Map<number, number>();
  const taken = new Set<number>();
  for (const form of [(word: string) => word, porterStem]) {
    const free = new Map<string, number[]>();
    reference.forEach((word, place) => {
      if (taken.has(place)) return;
      const own = free.get(form(word)) ?? [];
      free.set(form(word), own);
      own.push(place);
    });
    for (let own = said.length - 1; own >= 0; own--) {
      const place = places.has(own) ? undefined : free.get(form(said[own]!))?.pop();
      if (place === undefined) continue;
      places.set(own, place);
      taken.add(place);
    }
  }
  return places;
}
