import { createRandom, mixSeed } from '../random';

/** Groups among unit vectors that point in similar directions. Seeded: the same vectors, the same groups. */

/** Fewer members are no group. */
const leastMembers = 3;
/** At most so many groups are looked for. */
const mostGroups = 5;
/** Of at most so many vectors it is judged how many groups there are. */
const judged = 300;
/** Below this mean silhouette there are no groups worth the name (Kaufman & Rousseeuw 1990 call up to 0.25 no substantial structure). */
const leastSilhouette = 0.05;
const rounds = 30;
const starts = 4;

export interface Cluster {
  /** Indices of the vectors, those nearest to the centre first. */
  readonly members: readonly number[];
  /** Unit vector. */
  readonly centre: Float32Array;
}

/**
 * Spherical k-means (Dhillon & Modha 2001) from k-means++ starts (Arthur & Vassilvitskii 2007). The number of groups, from 2 to 5, is the one with
 * the largest mean silhouette by cosine distance (Rousseeuw 1987); where even that is small, all vectors are one group. Groups of fewer than three
 * are left out.
 *
 * @param vectors L2-normalised `[count, width]`
 * @param pause awaited now and then; throwing in it ends the work
 * @returns the largest first
 */
export async function clustersOf(
  vectors: Float32Array,
  width: number,
  pause: () => Promise<void> = () => Promise.resolve(),
  seed = 1,
): Promise<readonly Cluster[]> {
  const count = vectors.length / width;
  if (count < leastMembers) return [];
  const places = Array.from({ length: Math.min(count, judged) }, (_, at) =>
    Math.floor((at * count) / Math.min(count, judged)),
  );
  let best = {
    silhouette: leastSilhouette,
    centres: centresFrom(
      vectors,
      width,
      Array.from({ length: count }, () => 0),
      1,
    ),
  };
  for (let groups = 2; groups <= Math.min(mostGroups, Math.floor(count / leastMembers)); groups++) {
    const centres = kMeans(vectors, width, groups, seed);
    const assigned = places.map((place) => nearestCentre(vectors, width, place, centres).centre);
    const silhouette = meanSilhouette(vectors, width, places, assigned, groups);
    if (silhouette > best.silhouette) best = { silhouette, centres };
    await pause();
  }
  return gathered(vectors, width, best.centres);
}

function kMeans(vectors: Float32Array, width: number, groups: number, seed: number): readonly Float32Array[] {
  const count = vectors.length / width;
  let best: { readonly fit: number; readonly centres: readonly Float32Array[] } | null = null;
  for (let start = 0; start < starts; start++) {
    let centres = spreadStart(vectors, width, groups, createRandom(mixSeed(seed, groups, start)));
    let assigned: number[] = [];
    let fit = 0;
    for (let round = 0; round < rounds; round++) {
      const found = Array.from({ length: count }, (_, place) => nearestCentre(vectors, width, place, centres));
      fit = found.reduce((sum, { similarity }) => sum + similarity, 0);
      const next = found.map(({ centre }) => centre);
      if (next.every((centre, place) => centre === assigned[place])) break;
      assigned = next;
      centres = centresFrom(vectors, width, assigned, groups);
    }
    if (best === null || fit > best.fit) best = { fit, centres };
  }
  return best?.centres ?? [];
}

/** Vectors as first centres, each drawn with a probability in proportion to its squared distance from those before it. */
function spreadStart(
  vectors: Float32Array,
  width: number,
  groups: number,
  random: () => number,
): readonly Float32Array[] {
  const count = vectors.length / width;
  const row = (place: number): Float32Array => vectors.slice(place * width, (place + 1) * width);
  const centres = [row(Math.floor(random() * count))];
  while (centres.length < groups) {
    const far = Array.from({ length: count }, (_, place) =>
      Math.max(0, 1 - nearestCentre(vectors, width, place, centres).similarity),
    );
    let left = random() * far.reduce((sum, value) => sum + value, 0);
    const drawn = far.findIndex((value) => (left -= value) < 0);
    centres.push(row(drawn === -1 ? count - 1 : drawn));
  }
  return centres;
}

function centresFrom(
  vectors: Float32Array,
  width: number,
  assigned: readonly number[],
  groups: number,
): readonly Float32Array[] {
  const centres = Array.from({ length: groups }, () => new Float32Array(width));
  assigned.forEach((group, place) => {
    const centre = centres[group];
    for (let at = 0; centre !== undefined && at < width; at++) centre[at]! += vectors[place * width + at]!;
  });
  return centres.map((centre) => {
    const norm = Math.hypot(...centre) || 1;
    return centre.map((value) => value / norm);
  });
}

function nearestCentre(vectors: Float32Array, width: number, place: number, centres: readonly Float32Array[]) {
  let nearest = { centre: 0, similarity: -Infinity };
  centres.forEach((centre, index) => {
    let similarity = 0;
    for (let at = 0; at < width; at++) similarity += centre[at]! * vectors[place * width + at]!;
    if (similarity > nearest.similarity) nearest = { centre: index, similarity };
  });
  return nearest;
}

/** How much nearer vectors are to their own group than to the next, −1…1; those alone in a group count 0. */
function meanSilhouette(
  vectors: Float32Array,
  width: number,
  places: readonly number[],
  assigned: readonly number[],
  groups: number,
): number {
  const sizes = new Array<number>(groups).fill(0);
  for (const group of assigned) sizes[group]!++;
  let sum = 0;
  places.forEach((place, index) => {
    const distances = new Array<number>(groups).fill(0);
    places.forEach((other, at) => {
      let similarity = 0;
      for (let k = 0; k < width; k++) similarity += vectors[place * width + k]! * vectors[other * width + k]!;
      if (at !== index) distances[assigned[at]!]! += 1 - similarity;
    });
    const own = assigned[index]!;
    if (sizes[own]! < 2) return;
    const within = distances[own]! / (sizes[own]! - 1);
    const next = Math.min(
      ...distances.map((distance, group) =>
        group === own || sizes[group] === 0 ? Infinity : distance / sizes[group]!,
      ),
    );
    if (Number.isFinite(next)) sum += (next - within) / Math.max(next, within, 1e-12);
  });
  return sum / places.length;
}

function gathered(vectors: Float32Array, width: number, centres: readonly Float32Array[]): readonly Cluster[] {
  const count = vectors.length / width;
  const found = Array.from({ length: count }, (_, place) => ({
    place,
    ...nearestCentre(vectors, width, place, centres),
  }));
  return centres
    .map((centre, index) => ({
      centre,
      members: found
        .filter((each) => each.centre === index)
        .sort((a, b) => b.similarity - a.similarity)
        .map(({ place }) => place),
    }))
    .filter(({ members }) => members.length >= leastMembers)
    .sort((a, b) => b.members.length - a.members.length);
}
