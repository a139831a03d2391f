/** The ranks of all right answers of each query, counted from 1 among all answers and ascending. */
export interface RightPlaces {
  /** Where the ranks of each query begin, and at last where those of the last one end. */
  readonly offsets: Int32Array;
  readonly places: Int32Array;
}

/**
 * Finds how far down a ranking the right answers of each query stand, from the scores of all answers in any order. Only wrong answers that score
 * at least as high come before a right one, so ties with wrong answers count against the model.
 */
export class RightAnswers {
  private readonly offsets: Int32Array;
  /** By query, descending once they are ordered. */
  private readonly scores: Float64Array;
  /** Per right answer, the answers that score at least as high as it and lower than the right one before it. */
  private readonly passed: Int32Array;
  private readonly added: Int32Array;
  /** Score of the worst right answer of each query; answers that score lower need not be counted. */
  readonly lowest: Float64Array;

  /** @param right how many right answers each query has, at least one */
  constructor(right: readonly number[]) {
    this.offsets = new Int32Array(right.length + 1);
    right.forEach((answers, query) => (this.offsets[query + 1] = this.offsets[query]! + answers));
    this.scores = new Float64Array(this.offsets[right.length]!);
    this.passed = new Int32Array(this.scores.length);
    this.added = this.offsets.slice(0, -1);
    this.lowest = new Float64Array(right.length);
  }

  add(query: number, score: number): void {
    this.scores[this.added[query]!++] = score;
  }

  /** To be called once all right answers are added. */
  order(): void {
    for (let query = 0; query < this.lowest.length; query++) {
      const own = this.scores.subarray(this.offsets[query], this.offsets[query + 1]);
      own.sort().reverse();
      this.lowest[query] = own.at(-1)!;
    }
  }

  /** Counts an answer, or takes one back that was counted: `times` is then −1. */
  count(query: number, score: number, times = 1): void {
    if (!(score >= this.lowest[query]!)) return;
    let first = this.offsets[query]!;
    let last = this.offsets[query + 1]! - 1;
    while (first < last) {
      const middle = (first + last) >> 1;
      if (score >= this.scores[middle]!) last = middle;
      else first = middle + 1;
    }
    this.passed[first]! += times;
  }

  /** Once all wrong answers are counted. */
  places(): RightPlaces {
    const places = new Int32Array(this.scores.length);
    for (let query = 0; query < this.lowest.length; query++) {
      let wrong = 0;
      const from = this.offsets[query]!;
      for (let at = from; at < this.offsets[query + 1]!; at++) {
        wrong += this.passed[at]!;
        places[at] = at - from + 1 + wrong;
      }
    }
    return { offsets: this.offsets, places };
  }
}

/** The rank of the best right answer of each query. */
export function bestPlaces({ offsets, places }: RightPlaces): Int32Array {
  return Int32Array.from(offsets.subarray(0, -1), (offset) => places[offset]!);
}

/** A number of each query, made of the ranks of its right answers. */
export function byQuery({ offsets, places }: RightPlaces, of: (places: Int32Array) => number): Float64Array {
  return Float64Array.from(offsets.subarray(0, -1), (from, query) => of(places.subarray(from, offsets[query + 1])));
}
