import { putMetrics, putRun, putRunData, putWeights, readMetrics, replaceMetrics } from '../../runs/store';
import type { Run, RunData } from '../../runs/types';
import { heldDelta, type WeightDelta } from '../../runs/weight-set';
import { withRoom } from '../../storage/feature-cache/here';
import { isStorageFailure, waiting, withRetries, type Wait } from '../../storage/retry';
import { isQuotaExceeded, messageOf, storageFull } from '../../protocol/errors';
import type { RunEvent } from '../../protocol/run-events';
import type { UnstoredWeights } from '../../protocol/run-control';
import type { Evaluation, StepMetrics } from '../../protocol/training';
import { weightsInterval } from '../data/storing-intervals';
import type { Metrics } from '../../tasks/metrics';

/** Where a run is kept; `runs/store` in the worker, something smaller in tests. */
export interface RunStorage {
  putRun(run: Run): Promise<void>;
  putMetrics(runId: string, rows: readonly StepMetrics[]): Promise<void>;
  putRunData(runId: string, data: RunData): Promise<void>;
  readMetrics(runId: string): Promise<readonly StepMetrics[]>;
  /** Leaves the run these rows and no others. */
  replaceMetrics(runId: string, rows: readonly StepMetrics[], chunk: number): Promise<void>;
  /** Keeps the tensors that the run names, and the record with them. */
  putWeights(run: Run, delta: WeightDelta): Promise<void>;
}

/** Weights that storage had no room for. */
export interface HeldWeights {
  readonly delta: WeightDelta;
  /** What the run's record would say of them. */
  readonly of: UnstoredWeights;
}

const storedRuns: RunStorage = {
  putRunData: (runId, data) => withRoom(() => putRunData(runId, data)),
  putRun: (run) => withRoom(() => putRun(run)),
  putMetrics: (runId, rows) => withRoom(() => putMetrics(runId, rows)),
  readMetrics: async (runId) => (await readMetrics(runId)).rows,
  replaceMetrics: (runId, rows, chunk) => withRoom(() => replaceMetrics(runId, rows, chunk)),
  putWeights: (run, delta) => withRoom(() => putWeights(run, delta)),
};

/** Milliseconds between writes of metric rows. */
const metricsEvery = 2000;
/** Rows of one stored chunk. */
const chunkRows = 500;
/** Steps that were left out are noted one by one up to so many: a record is written every few seconds. */
const mostSkipped = 50;

/**
 * Writes a run down while it goes: the record, metric rows every two seconds, weights with the evaluation that they belong to. A full disk stops
 * what is written but not the run; a write that fails otherwise is tried again, at once and then with what is written next. What could not be stored
 * stays in memory for as long as the tab lives.
 *
 * What is stored never speaks of weights that are not: where the recipe keeps the best ones, the best step of the stored record is that of the
 * stored weights.
 */
export class Recorder {
  private chunk: StepMetrics[] = [];
  private unwritten = 0;
  private metricsWritten: number;
  private weightsWritten = -Infinity;
  private held: HeldWeights | null = null;
  private storageFull = false;
  /** Why something is in memory alone; null where all is stored. */
  private trouble: string | null = null;
  /** What was in which split, until it is stored. */
  private data: RunData | null = null;
  /** Storage did not take the newest rows. */
  private rowsRefused = false;

  /** @param onTrouble is told why something is in memory alone, in a sentence for the user, and null once all is stored */
  constructor(
    private run: Run,
    private readonly now: () => number,
    private readonly storage: RunStorage = storedRuns,
    private readonly onTrouble: (problem: string | null) => void = () => undefined,
    private readonly wait: Wait = waiting,
  ) {
    this.metricsWritten = now();
  }

  get record(): Run {
    return this.run;
  }

  /** True when the last save of weights is long enough ago for another that the run could do without. */
  get weightsDue(): boolean {
    return this.now() - this.weightsWritten >= weightsInterval;
  }

  /** True once the browser refused to store more. */
  get full(): boolean {
    return this.storageFull;
  }

  /** Weights that are kept in memory alone; null when storage has them. */
  get unstored(): HeldWeights | null {
    return this.held;
  }

  /** Writes the record for the first time, and what is in which split. */
  async begin(data: RunData): Promise<void> {
    this.data = data;
    await this.putData();
    await this.update({});
  }

  /**
   * Takes up a run that goes on after a step: what was written of later steps will be written anew. The evaluation of the weights that are kept
   * stays, wherever it was.
   */
  async goOn(step: number): Promise<void> {
    await this.flush();
    const known = await withRetries(
      () => this.storage.readMetrics(this.run.id),
      (error) => !isStorageFailure(error),
      this.wait,
    );
    const newest = known.at(-1)?.step ?? 0;
    const rows = [...known, ...this.chunk.filter((row) => row.step > newest)].filter((row) => row.step <= step);
    await this.stored(() => this.storage.replaceMetrics(this.run.id, rows, chunkRows));
    this.chunk = rows.slice(rows.length - (rows.length % chunkRows));
    this.unwritten = 0;
    const { evaluations, weightsStep, events } = this.run;
    await this.update({
      events: events.filter((event) => event.kind !== 'skipped' || event.step <= step),
      stepsDone: step,
      seconds: rows.at(-1)?.seconds ?? this.run.seconds,
      evaluations: evaluations.filter((own) => own.step <= step || own.step === weightsStep),
    });
  }

  /** Notes something that came between, with what it changes of the record. */
  async happened(event: RunEvent, change: Partial<Run> = {}): Promise<void> {
    const { events } = this.run;
    const many = event.kind === 'skipped' && events.filter(({ kind }) => kind === 'skipped').length >= mostSkipped;
    await this.update({ ...change, events: many ? events : [...events, event] });
  }

  /** Changes the record and writes it. */
  async update(change: Partial<Run>): Promise<void> {
    this.run = { ...this.run, ...change };
    await this.stored(() => this.storage.putRun(this.run));
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
      this.rowsRefused = !(await this.stored(() => this.storage.putMetrics(this.run.id, rows)));
      // They are written with those to come.
      if (this.rowsRefused) break;
      const complete = this.chunk.length > chunkRows;
      this.unwritten = complete ? this.chunk.length - chunkRows : 0;
      if (complete) this.chunk = this.chunk.slice(chunkRows);
    }
    await this.update({});
    if (this.trouble === null || this.storageFull) return;
    await this.putData();
    await this.settle();
  }

  /** Takes in what the base model scores. Where the best weights are kept, it is what the run has to offer until a step is better. */
  baseline(metrics: Metrics): Promise<void> {
    // A run that goes on has found better, or kept the base model, before.
    if (this.run.weightsStep !== null || this.run.bestStep !== null) return this.update({ baseline: metrics });
    const kept = this.run.recipe.restoreBest ? { weightsStep: 0, tensors: [] } : {};
    return this.update({ baseline: metrics, bestStep: 0, ...kept });
  }

  /**
   * Takes in an evaluation, together with the weights that it was of where they are to be kept: the stored record names both or none.
   */
  async evaluation(
    evaluation: Evaluation,
    predictions: unknown,
    bestStep: number | null,
    weights: WeightDelta | null = null,
  ): Promise<void> {
    await this.flush();
    const others = this.run.evaluations.filter(({ step }) => step !== evaluation.step);
    const evaluations = [...others, evaluation].sort((a, b) => a.step - b.step);
    const change = { evaluations, predictions };
    if (weights === null) await this.update({ ...change, ...(this.held === null ? { bestStep } : {}) });
    else await this.weights(evaluation.step, weights, bestStep, change);
  }

  /** Keeps the weights of now and changes the record, in one. Where there is no room for them they stay in memory. */
  async weights(step: number, delta: WeightDelta, bestStep: number | null, change: Partial<Run> = {}): Promise<void> {
    this.weightsWritten = this.now();
    const of = { bestStep, weightsStep: step, tensors: [...delta.names] };
    if (!this.storageFull && (await this.store({ ...this.run, ...change, ...of }, delta))) return;
    const held = new Map<string, Float32Array>();
    for await (const [name, values] of delta.read()) held.set(name, values);
    this.held = { delta: heldDelta(held), of };
    await this.update(change);
  }

  /** Stores the weights that are still held, even where there was no room before: some may have been made meanwhile. */
  async settle(): Promise<void> {
    const { held } = this;
    if (held === null) return;
    await this.store({ ...this.run, ...held.of }, held.delta);
  }

  private async putData(): Promise<void> {
    const { data } = this;
    if (data !== null && (await this.stored(() => this.storage.putRunData(this.run.id, data)))) this.data = null;
  }

  /** @returns false where storage does not take them */
  private async store(run: Run, delta: WeightDelta): Promise<boolean> {
    const before = this.held;
    const source = watched(delta);
    this.held = null;
    let done = false;
    try {
      done = await this.stored(() =>
        this.storage.putWeights(run, source.delta).catch((error: unknown) => {
          throw source.failure() === null ? error : new Unreadable(source.failure());
        }),
      );
    } catch (error) {
      throw error instanceof Unreadable ? error.cause : error;
    } finally {
      if (done) this.run = run;
      else this.held = before;
    }
    return done;
  }

  /**
   * Does a write, more than once if need be.
   * @returns whether it is done
   */
  private async stored(write: () => Promise<void>): Promise<boolean> {
    try {
      // What has failed before is not waited for again: training would stand still.
      const final = (error: unknown): boolean =>
        this.trouble !== null || isQuotaExceeded(error) || !isStorageFailure(error);
      await withRetries(write, final, this.wait);
      if (this.held === null && this.data === null && !this.rowsRefused) this.tell(null);
      return true;
    } catch (error) {
      if (isQuotaExceeded(error)) {
        this.storageFull = true;
        this.tell(storageFull);
      } else if (isStorageFailure(error)) {
        const reason = error instanceof Error ? messageOf(error) : 'the browser does not say why';
        this.tell(
          `The browser could not store the run (${reason}). What is not stored yet is in memory and lasts as long as this tab; storing is tried again.`,
        );
      } else throw error;
      return false;
    }
  }

  private tell(problem: string | null): void {
    if (problem === this.trouble) return;
    this.trouble = problem;
    this.onTrouble(problem);
  }
}

/** Tensors could not be read where they are; the cause says why. */
class Unreadable extends Error {
  constructor(cause: unknown) {
    super('Weights could not be read.', { cause });
  }
}

/** A delta that remembers why it could not be read: what a device throws may look like a failure of storage. */
function watched(delta: WeightDelta): { readonly delta: WeightDelta; readonly failure: () => unknown } {
  let failure: unknown = null;
  return {
    failure: () => failure,
    delta: {
      names: delta.names,
      async *read(names) {
        try {
          yield* delta.read(names);
        } catch (error) {
          failure = error;
          throw error;
        }
      },
    },
  };
}
