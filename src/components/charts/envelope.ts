/** A value of a curve at its place among all values of the curve. */
export interface Point {
  readonly index: number;
  /** NaN: a gap. */
  readonly value: number;
}

/** Lowest and highest value of a stretch of a curve; null where none is finite. */
interface Stretch {
  readonly from: number;
  readonly low: Point | null;
  readonly high: Point | null;
}

/** Most stretches of an envelope, more than charts are pixels wide. */
const most = 512;

/** Most points that an envelope has. */
export const mostPoints = 2 * most + 2;

/**
 * The points of a growing curve that are drawn, so that spikes survive: the first and last value, and the lowest and highest of each of equally
 * long stretches between them (a min–max envelope). A stretch without any finite value keeps one point, so that the gap stays visible. Where
 * there are too many stretches, neighbours are joined: a value costs the same however long the curve has become, and none is read twice.
 */
export class Envelope {
  /** Values in a stretch, a power of two. */
  private size = 1;
  private stretches: Stretch[] = [];
  private first: Point | null = null;
  private last: Point | null = null;
  /** Of all finite values. */
  private least = Infinity;
  private greatest = -Infinity;

  /** Takes the next value; one that is not finite is a gap. */
  add(value: number): void {
    const point = { index: this.last === null ? 0 : this.last.index + 1, value: Number.isFinite(value) ? value : NaN };
    this.first ??= point;
    this.last = point;
    if (point.index === most * this.size) this.join();
    const place = Math.floor(point.index / this.size);
    const before = this.stretches[place] ?? { from: point.index, low: null, high: null };
    this.stretches[place] = joined(before, asStretch(point));
    if (Number.isNaN(point.value)) return;
    this.least = Math.min(this.least, value);
    this.greatest = Math.max(this.greatest, value);
  }

  /** Smallest and largest value; null where there is none. */
  get range(): readonly [min: number, max: number] | null {
    return this.least <= this.greatest ? [this.least, this.greatest] : null;
  }

  /** Ascending by their places, each once, at most `mostPoints`; all values where they fit. */
  points(): readonly Point[] {
    const { first, last } = this;
    if (first === null || last === null) return [];
    const picked = [first];
    const pick = (point: Point): void => {
      if (point.index > picked.at(-1).index) picked.push(point);
    };
    for (const { from, low, high } of this.stretches) {
      if (low === null || high === null) pick({ index: from, value: NaN });
      else if (low.index < high.index) [low, high].forEach(pick);
      else [high, low].forEach(pick);
    }
    pick(last);
    return picked;
  }

  private join(): void {
    const { stretches } = this;
    this.size *= 2;
    this.stretches = Array.from({ length: most / 2 }, (_, place) =>
      joined(stretches[2 * place] as Stretch, stretches[2 * place + 1] as Stretch),
    );
  }
}

function asStretch(point: Point): Stretch {
  const extreme = Number.isNaN(point.value) ? null : point;
  return { from: point.index, low: extreme, high: extreme };
}

function joined(one: Stretch, next: Stretch): Stretch {
  const low = next.low !== null && (one.low === null || next.low.value < one.low.value) ? next.low : one.low;
  const high = next.high !== null && (one.high === null || next.high.value > one.high.value) ? next.high : one.high;
  return { from: one.from, low, high };
}
