import { putMetrics, putRun, putWeights } from '../runs/store';
import type { Run } from '../runs/types';
import { withRoom } from '../storage/feature-cache/here';
import { isQuotaExceeded } from './errors';
import type { EvaluationMetrics, ProbeRanking, RetrievalMetrics, StepMetrics } from './protocol';

/** Where a run is kept; `runs/store` in the worker, something smaller in tests. */
export interface RunStorage {
  putRun(run: Run): Promise<void>;
  putMetrics(runId: string, rows: readonly StepMetrics[]): Promise<void>;
  putWeights(run: Run, tensors: ReadonlyMap<string, Float32Array>): Promise<void>;
}

const storedRuns: RunStorage = {
  putRun: (run) => withRoom(() => putRun(run)),
  putMetrics: (runId, rows) => withRoom(() => putMetrics(runId, rows)),
  putWeights: (run, tensors) => withRoom(() => putWeights(run, tensors)),
};

/** Milliseconds between writes of metric rows, and least between saves of weights. */
const metricsEvery = 2000;
const weightsEvery = 15_000;
/** Rows of one stored chunk. */
const chunkRows = 500;

/**
 * Writes a run down while it goes: the record, metric rows every two seconds, the best weights at evaluations. A full disk stops what is
 * written but not the run; what could not be stored stays in memory for as long as the tab lives.
 */
export class Recorder {
  private chunk: StepMetrics[] = [];
  private unwritten = 0;
  private metricsWritten: number;
  private weightsWritten = -Infinity;
  private held: { readonly step: number; readonly tensors: ReadonlyMap<string, Float32Array> } | null = null;
  private storageFull = false;

  constructor(
    private run: Run,
    private readonly now: () => number,
    private readonly storage: RunStorage = storedRuns,
  ) {
    this.metricsWritten = now();
  }

  get record(): Run {
    return this.run;
  }

  /** True when the last save of weights is long enough ago for another. */
  get weightsDue(): boolean {
    return this.now() - this.weightsWritten >= weightsEvery;
  }

  /** True once the browser refused to store more. */
  get full(): boolean {
    return this.storageFull;
  }

  /** Weights that are kept in memory alone; null when storage has them. */
  get unstored(): ReadonlyMap<string, Float32Array> | null {
    return this.held?.tensors ?? null;
  }

  /** Changes the record and writes it. */
  async update(change: Partial<Run>): Promise<void> {
    this.run = { ...this.run, ...change };
    await this.unlessFull(() => this.storage.putRun(this.run));
  }

  async steps(rows: readonly StepMetrics[]): Promise<void> {
    const last = rows.at(-1);
    if (last === undefined) return;
    this.run = { ...this.run, stepsDone: last.step, seconds: last.seconds };
    this.chunk.push(...rows);
    this.unwritten += rows.length;
    if (this.now() - this.metricsWritten >= metricsEvery) await this.flush();
  }

  /** Writes metric rows and the record. */
  async flush(): Promise<void> {
    this.metricsWritten = this.now();
    if (this.unwritten === 0) return;
    while (this.unwritten > 0) {
      const rows = this.chunk.slice(0, chunkRows);
      await this.unlessFull(() => this.storage.putMetrics(this.run.id, rows));
      const complete = this.chunk.length > chunkRows;
      this.unwritten = complete ? this.chunk.length - chunkRows : 0;
      if (complete) this.chunk = this.chunk.slice(chunkRows);
    }
    await this.update({});
  }

  baseline(metrics: RetrievalMetrics): Promise<void> {
    return this.update({ baseline: metrics });
  }

  async evaluation(
    metrics: EvaluationMetrics,
    probes: readonly ProbeRanking[],
    bestStep: number | null,
  ): Promise<void> {
    await this.flush();
    const copies = probes.map(({ caption, correct, base, tuned }) => ({
      caption,
      correct: [...correct],
      base: [...base],
      tuned: [...tuned],
    }));
    await this.update({ evaluations: [...this.run.evaluations, metrics], probes: copies, bestStep });
  }

  /** Takes weights to keep; they are stored now if the last save is long enough ago or `now` is set, and with the next `settle` otherwise. */
  async weights(step: number, tensors: ReadonlyMap<string, Float32Array>, storeNow: boolean): Promise<void> {
    this.held = { step, tensors };
    if (storeNow || (this.weightsDue && !this.storageFull)) await this.settle();
  }

  /** Stores the weights that are still held, even where there was no room before: some may have been made meanwhile. */
  async settle(): Promise<void> {
    const { held } = this;
    if (held === null) return;
    this.weightsWritten = this.now();
    await this.unlessFull(async () => {
      const run = { ...this.run, weightsStep: held.step, tensors: [...held.tensors.keys()] };
      await this.storage.putWeights(run, held.tensors);
      this.run = run;
      this.held = null;
    });
  }

  private async unlessFull(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      if (!isQuotaExceeded(error)) throw error;
      this.storageFull = true;
    }
  }
}
