/**
 * Picks the points of a long curve that are drawn, so that spikes survive: the first and last point, and the lowest and highest of each of
 * equally long stretches between them (a min–max envelope). A stretch without any finite value keeps one point, so that the gap stays visible.
 *
 * @param y values in drawing order; NaN marks a gap
 * @param limit most points to pick, at least 4
 * @returns indices into `y`, ascending, each once, at most `limit`; all of them where they fit
 */
export function decimate(y: ArrayLike<number>, limit: number): number[] {
  const count = y.length;
  if (count <= limit) return Array.from({ length: count }, (_, index) => index);
  const stretches = Math.floor((limit - 2) / 2);
  const inner = count - 2;
  const picked = [0];
  for (let stretch = 0; stretch < stretches; stretch++) {
    const from = 1 + Math.floor((stretch * inner) / stretches);
    const to = 1 + Math.floor(((stretch + 1) * inner) / stretches);
    let low = -1;
    let high = -1;
    for (let index = from; index < to; index++) {
      const value = y[index] as number;
      if (!Number.isFinite(value)) continue;
      if (low < 0 || value < (y[low] as number)) low = index;
      if (high < 0 || value > (y[high] as number)) high = index;
    }
    if (low < 0) {
      picked.push(from);
    } else if (low === high) {
      picked.push(low);
    } else {
      picked.push(Math.min(low, high), Math.max(low, high));
    }
  }
  picked.push(count - 1);
  return picked;
}
