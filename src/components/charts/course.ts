import { Envelope, type Point } from './envelope';
import { MovingAverage } from './smooth';

/** How a curve is to be drawn. */
export interface CourseOptions {
  /** Weight of its moving average, 0 (none) to below 1. */
  readonly smoothing: number;
  /** Leaves out what a logarithmic axis cannot show. */
  readonly positiveOnly: boolean;
}

/** A curve as it is drawn and put into words. Stays as it is while the curve grows. */
export interface Course {
  /** Smoothed where that was asked for; as long as the curve. */
  readonly values: ArrayLike<number>;
  /** What is drawn of the values. */
  readonly drawn: readonly Point[];
  /** What is drawn of the values as they were before smoothing; null without smoothing. */
  readonly raw: readonly Point[] | null;
  /** Smallest and largest value drawn; null where there is none. */
  readonly range: readonly [min: number, max: number] | null;
  /** Of the curve before smoothing; null where no value is finite. */
  readonly lowest: Point | null;
  readonly highest: Point | null;
}

/** Curves that have been seen, by the memory that they lie in. */
const growing = new WeakMap<ArrayBufferLike, GrowingCourse>();

/**
 * The course of a curve. What has been worked out for a curve in a typed array is kept as long as its memory, in which the curve may only grow: when
 * it comes again with more values, only these are read.
 */
export function courseOf(y: ArrayLike<number>, options: CourseOptions): Course {
  if (!(y instanceof Float64Array) || y.byteOffset > 0) return new GrowingCourse(options).upTo(y);
  const known = growing.get(y.buffer);
  const usable = known?.goesOn(y, options) === true;
  const course = usable ? known : new GrowingCourse(options);
  if (!usable) growing.set(y.buffer, course);
  return course.upTo(y);
}

class GrowingCourse {
  private length = 0;
  private readonly average: MovingAverage | null;
  private smoothed = new Float64Array(0);
  private readonly drawn = new Envelope();
  private readonly raw: Envelope | null;
  private lowest: Point | null = null;
  private highest: Point | null = null;

  constructor(private readonly options: CourseOptions) {
    const smooth = options.smoothing > 0;
    this.average = smooth ? new MovingAverage(options.smoothing) : null;
    this.raw = smooth ? new Envelope() : null;
  }

  goesOn(y: ArrayLike<number>, { smoothing, positiveOnly }: CourseOptions): boolean {
    return (
      y.length >= this.length && smoothing === this.options.smoothing && positiveOnly === this.options.positiveOnly
    );
  }

  upTo(y: ArrayLike<number>): Course {
    if (this.average !== null) this.makeRoom(y.length);
    for (; this.length < y.length; this.length++) this.take(y[this.length] as number);
    return {
      values: this.average === null ? y : this.smoothed.subarray(0, this.length),
      drawn: this.drawn.points(),
      raw: this.raw?.points() ?? null,
      range: widest(this.drawn.range, this.raw?.range ?? null),
      lowest: this.lowest,
      highest: this.highest,
    };
  }

  private take(value: number): void {
    const index = this.length;
    if (Number.isFinite(value)) {
      if (this.lowest === null || value < this.lowest.value) this.lowest = { index, value };
      if (this.highest === null || value > this.highest.value) this.highest = { index, value };
    }
    this.raw?.add(this.drawable(value));
    const smooth = this.average?.take(value) ?? value;
    if (this.average !== null) this.smoothed[index] = smooth;
    this.drawn.add(this.drawable(smooth));
  }

  private drawable(value: number): number {
    return this.options.positiveOnly && value <= 0 ? NaN : value;
  }

  /** Earlier courses keep the memory that they have. */
  private makeRoom(length: number): void {
    if (length <= this.smoothed.length) return;
    const roomier = new Float64Array(Math.max(256, 2 * length));
    roomier.set(this.smoothed.subarray(0, this.length));
    this.smoothed = roomier;
  }
}

type Range = Course['range'];

/** The range over two. */
export function widest(one: Range, other: Range): Range {
  if (one === null || other === null) return one ?? other;
  return [Math.min(one[0], other[0]), Math.max(one[1], other[1])];
}
