/** Small readings of curves. */

/** Mean of a stretch, from and to in shares of the whole; at least three values where there are as many. NaN where one is not finite. */
export function meanOver(values: ArrayLike<number>, from: number, to: number): number {
  const begin = Math.min(Math.floor(from * values.length), Math.max(0, values.length - 3));
  const end = Math.max(Math.ceil(to * values.length), Math.min(values.length, begin + 3));
  let sum = 0;
  for (let place = begin; place < end; place++) sum += values[place] as number;
  return sum / (end - begin);
}

/** Place of the first value that is no number; -1 where all are. */
export function firstNotFinite(values: ArrayLike<number>): number {
  for (let place = 0; place < values.length; place++) if (!Number.isFinite(values[place])) return place;
  return -1;
}

/** Place of the smallest value; a gain of less than half a per cent is noise. */
export function lowestPlace(values: readonly number[]): number {
  let best = 0;
  values.forEach((value, place) => {
    if (value < (values[best] ?? Infinity) * 0.995) best = place;
  });
  return best;
}
