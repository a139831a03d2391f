/** Numbers drawn from a seed, so that a series of faults can be repeated (mulberry32, Tommy Ettinger, public domain). */
export class Random {
  constructor(private state: number) {}

  /** 0…1, 1 excluded. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  between(least: number, most: number): number {
    return least + (most - least) * this.next();
  }

  /** The items in an order that is drawn (Fisher and Yates). */
  shuffled<T>(items: readonly T[]): readonly T[] {
    const drawn = [...items];
    for (let last = drawn.length - 1; last > 0; last--) {
      const other = Math.floor(this.next() * (last + 1));
      [drawn[last], drawn[other]] = [drawn[other] as T, drawn[last] as T];
    }
    return drawn;
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.next() * items.length)] as T;
  }
}
