import type { StepMetrics } from '../protocol/protocol';

const names = [
  'step',
  'epoch',
  'loss',
  'gradNorm',
  'learningRate',
  'logitScale',
  'imagesPerSecond',
  'seconds',
] as const satisfies readonly (keyof StepMetrics)[];
export type MetricName = (typeof names)[number];

type Columns = Record<MetricName, Float64Array>;

function columnsOf(capacity: number): Columns {
  return Object.fromEntries(names.map((name) => [name, new Float64Array(capacity)])) as Columns;
}

/**
 * All steps of a run, a typed array per metric (64 bytes a step). A value: appending returns a new view and leaves older views as they
 * were, while both share memory, so that React can compare by identity and a long run is not copied with each message.
 */
export class MetricColumns {
  static readonly empty = new MetricColumns(columnsOf(0), 0, { used: 0 });

  private constructor(
    private readonly memory: Columns,
    readonly length: number,
    /** Rows of the shared memory that some view holds; only a view that ends there may append in place. */
    private readonly shared: { used: number },
  ) {}

  static of(rows: readonly StepMetrics[]): MetricColumns {
    return MetricColumns.empty.append(rows);
  }

  /** The values of one metric in the order of the steps; not to be written to. */
  column(name: MetricName): Float64Array {
    return this.memory[name].subarray(0, this.length);
  }

  /** The newest value of a metric, or null before the first step. */
  last(name: MetricName): number | null {
    return this.length === 0 ? null : (this.memory[name][this.length - 1] as number);
  }

  /** This run with further steps. Where steps begin before the last one held (a run resumed from a checkpoint), the later ones give way. */
  append(rows: readonly StepMetrics[]): MetricColumns {
    const first = rows[0];
    if (first === undefined) return this;
    const kept = this.rowsBefore(first.step);
    const length = kept + rows.length;
    const inPlace = kept === this.shared.used && length <= this.memory.step.length;
    const memory = inPlace ? this.memory : columnsOf(Math.max(256, length * 2));
    for (const name of names) {
      const column = memory[name];
      if (!inPlace) column.set(this.memory[name].subarray(0, kept));
      for (const [index, row] of rows.entries()) column[kept + index] = row[name];
    }
    if (!inPlace) return new MetricColumns(memory, length, { used: length });
    this.shared.used = length;
    return new MetricColumns(memory, length, this.shared);
  }

  private rowsBefore(step: number): number {
    let count = this.length;
    while (count > 0 && (this.memory.step[count - 1] as number) >= step) count--;
    return count;
  }
}
