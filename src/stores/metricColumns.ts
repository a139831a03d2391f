import type { StepMetrics } from '../protocol/training';

/** What every step has. */
const common = [
  'step',
  'epoch',
  'loss',
  'gradNorm',
  'learningRate',
  'imagesPerSecond',
  'seconds',
] as const satisfies readonly (keyof StepMetrics)[];

/** What the steps of a run have: the same of each, and what the task describes. */
type Columns = ReadonlyMap<string, Float64Array>;

function columnsOf(names: readonly string[], capacity: number): Columns {
  return new Map(names.map((name) => [name, new Float64Array(capacity)]));
}

function valueIn(row: StepMetrics, name: string): number {
  return isCommon(name) ? row[name] : (row.extra[name] ?? NaN);
}

function isCommon(name: string): name is (typeof common)[number] {
  return (common as readonly string[]).includes(name);
}

/**
 * All steps of a run, a typed array per metric (64 bytes a step). A value: appending returns a new view and leaves older views as they
 * were, while both share memory, so that React can compare by identity and a long run is not copied with each message.
 */
export class MetricColumns {
  static readonly empty = new MetricColumns(columnsOf(common, 0), 0, { used: 0 });

  private constructor(
    private readonly memory: Columns,
    readonly length: number,
    /** Rows of the shared memory that some view holds; only a view that ends there may append in place. */
    private readonly shared: { used: number },
  ) {}

  static of(rows: readonly StepMetrics[]): MetricColumns {
    return MetricColumns.empty.append(rows);
  }

  /** The values of one metric in the order of the steps; not to be written to. Empty where the steps have none of that name. */
  column(name: string): Float64Array {
    return this.memory.get(name)?.subarray(0, this.length) ?? new Float64Array(0);
  }

  /** The metrics that the steps have. */
  get names(): readonly string[] {
    return [...this.memory.keys()];
  }

  /** The newest value of a metric; null before the first step, and where the steps have none of that name. */
  last(name: string): number | null {
    return this.length === 0 ? null : (this.memory.get(name)?.[this.length - 1] ?? null);
  }

  /** This run with further steps. Where steps begin before the last one held (a run resumed from a checkpoint), the later ones give way. */
  append(rows: readonly StepMetrics[]): MetricColumns {
    const first = rows[0];
    if (first === undefined) return this;
    const kept = this.rowsBefore(first.step);
    const length = kept + rows.length;
    const names = [...new Set([...this.memory.keys(), ...rows.flatMap(({ extra }) => Object.keys(extra))])];
    const room = this.memory.get('step')?.length ?? 0;
    const inPlace = kept === this.shared.used && length <= room && names.length === this.memory.size;
    const memory = inPlace ? this.memory : columnsOf(names, Math.max(256, length * 2));
    for (const [name, column] of memory) {
      if (!inPlace) column.set(this.memory.get(name)?.subarray(0, kept) ?? new Float64Array(kept).fill(NaN));
      for (const [index, row] of rows.entries()) column[kept + index] = valueIn(row, name);
    }
    if (!inPlace) return new MetricColumns(memory, length, { used: length });
    this.shared.used = length;
    return new MetricColumns(memory, length, this.shared);
  }

  /** The steps up to one, that one included. */
  upTo(step: number): MetricColumns {
    return new MetricColumns(this.memory, this.rowsBefore(step + 1), this.shared);
  }

  private rowsBefore(step: number): number {
    const steps = this.column('step');
    let count = this.length;
    while (count > 0 && (steps[count - 1] as number) >= step) count--;
    return count;
  }
}
