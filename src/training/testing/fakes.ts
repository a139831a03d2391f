import type {
  EngineError,
  Executor,
  ExecutorKind,
  InputData,
  ParameterStore,
  StepReading,
  StepScalars,
  TensorMap,
  Trainer,
} from '../../engine/executor';
import type { TrainingProgram } from '../../engine/graph/differentiate';
import { defaultRecipe, withFields, type RecipeChange } from '../../recipe/fields';
import type { Recipe } from '../../recipe/schema';
import type { Run, RunData } from '../../runs/types';
import type { WeightDelta } from '../../runs/weight-set';
import type { StepMetrics, TrainingEvent } from '../../protocol/training';
import { contrastive } from '../../tasks/contrastive';
import { namedMetrics } from '../../tasks/contrastive/structured';
import type { Metrics } from '../../tasks/metrics';
import type { RunStorage } from '../session/recorder';
import type { BatchInputs, TaskEvaluation, TaskWork, TrainingTask } from '../tasks/task';

/** An executor whose one weight `w` counts the steps, with losses as a test wants them. Two steps may be in flight. */
export class FakeExecutor implements Executor {
  readonly description = 'fake';
  readonly mixedPrecision = false;
  readonly weights = new Map([['w', Float32Array.of(0)]]);
  readonly scalars: StepScalars[] = [];
  disposedTrainers = 0;
  disposed = false;
  readonly lost: Promise<EngineError>;
  loseDevice: (error: EngineError) => void = () => undefined;

  /** @param loss of a step; it may throw to fail the step */
  constructor(
    private readonly loss: (step: number) => number = (step) => 1 / step,
    readonly kind: ExecutorKind = 'tfjs-cpu',
  ) {
    this.lost = new Promise((resolve) => (this.loseDevice = resolve));
  }

  createStore(): Promise<ParameterStore> {
    return Promise.resolve(this.store);
  }

  readonly store: ParameterStore = {
    specs: [],
    read: () => Promise.resolve(new Map([...this.weights].map(([name, values]) => [name, values.slice()]))),
    write: (tensors: TensorMap) => {
      for (const [name, values] of tensors) this.weights.set(name, values.slice());
      return Promise.resolve();
    },
    dispose: () => undefined,
  };

  compile(): Promise<never> {
    return Promise.reject(new Error('The fake computes nothing.'));
  }

  compileTraining(): Promise<Trainer> {
    const inFlight: StepReading[] = [];
    return Promise.resolve({
      step: (_inputs: InputData, scalars: StepScalars) => {
        const loss = this.loss(scalars.step);
        this.scalars.push(scalars);
        this.weights.set('w', Float32Array.of(scalars.step));
        inFlight.push({ step: scalars.step, loss, gradNorm: Number.isFinite(loss) ? 1 : NaN });
        return Promise.resolve();
      },
      readings: (drain: boolean) => Promise.resolve(inFlight.splice(0, drain ? inFlight.length : inFlight.length - 2)),
      gradients: () => Promise.reject(new Error('The fake has no gradients.')),
      snapshot: () => Promise.resolve(new Map<string, Float32Array>()),
      restore: () => Promise.resolve(),
      dispose: () => {
        this.disposedTrainers++;
      },
    });
  }

  memory() {
    return { weights: 0, gradients: 0, moments: 0, activations: 0, other: 0, peak: 0 };
  }

  dispose(): void {
    this.disposed = true;
  }
}

export const metricsOf = (recall: number, loss = 1): Metrics => {
  const direction = { recallAt1: recall, recallAt5: recall, recallAt10: recall, meanRank: 2, medianRank: 2 };
  return namedMetrics({
    imageToText: direction,
    textToImage: direction,
    gallery: 10,
    captions: 10,
    guess: null,
    loss,
    lossPairs: 10,
  });
};

/** What the charts are told of a step. */
export const stepRow = (step: number): StepMetrics => ({
  step,
  epoch: 0,
  loss: 1,
  gradNorm: 1,
  learningRate: 1,
  imagesPerSecond: 1,
  seconds: step,
  extra: { logitScale: 1 },
});

/** A task of empty batches whose evaluations a test dictates; the first is of the base model. */
export class FakeTask implements TrainingTask {
  readonly description = contrastive;
  readonly program = {} as TrainingProgram;
  readonly clamp = {};
  readonly notes = [];
  readonly own = [];
  readonly labels = null;
  readonly trainable = ['w'];
  readonly asked: { batch: readonly number[]; epoch: number }[] = [];
  evaluations = 0;

  constructor(
    private readonly stepsPerEpoch: number,
    private readonly recalls: (index: number) => number = (index) => (index === 0 ? 0.4 : 0.5),
  ) {}

  batches(epoch: number): readonly (readonly number[])[] {
    return Array.from({ length: this.stepsPerEpoch }, (_, i) => [epoch * this.stepsPerEpoch + i, -1]);
  }

  inputs(batch: readonly number[], epoch: number): Promise<BatchInputs> {
    this.asked.push({ batch, epoch });
    return Promise.resolve({ data: {}, trivial: false });
  }

  /** Twice the step. */
  stepMetrics(readings: readonly StepReading[]): Promise<readonly Metrics[]> {
    return Promise.resolve(readings.map(({ step }) => ({ logitScale: 2 * step })));
  }

  frozenWork(epoch: number): TaskWork | null {
    return epoch === 0 ? { done: this.asked.length, total: this.stepsPerEpoch, of: 'pictures' } : null;
  }

  async evaluate(between: (work?: TaskWork) => Promise<void>): Promise<TaskEvaluation> {
    await between({ done: 5, total: 10, of: 'captions' });
    const recall = this.recalls(this.evaluations++);
    // The better by recall, the better by loss.
    const metrics = metricsOf(recall, 2 - recall);
    return {
      metrics,
      change: null,
      predictions: [{ caption: 'a fox', correct: ['1'], base: ['2'], tuned: ['1'] }],
    };
  }

  dispose(): void {
    return;
  }
}

export const recipeOf = (changes: RecipeChange = {}): Recipe => withFields(defaultRecipe, changes);

export function runOf(recipe: Recipe, changes: Partial<Run> = {}): Run {
  return {
    id: 'run',
    name: 'amber-otter',
    recipe,
    base: null,
    plan: null,
    dataset: { id: 'd', name: 'shoes', images: 9, train: 6, validation: 2, test: 1, fingerprint: 'f' },
    environment: { backend: 'fake', adapter: null, userAgent: 'test', version: '0' },
    createdAt: 1,
    endedAt: null,
    state: 'running',
    message: '',
    totalSteps: 0,
    stepsDone: 0,
    seconds: 0,
    events: [],
    baseline: null,
    evaluations: [],
    bestStep: null,
    weightsStep: null,
    tensors: [],
    predictions: null,
    labels: null,
    scales: null,
    test: null,
    remarks: '',
    tags: [],
    ...changes,
  };
}

/** Run storage in memory; with `quota` it refuses weights as a full disk does. */
export class MemoryStorage implements RunStorage {
  readonly records: Run[] = [];
  readonly rows = new Map<number, readonly StepMetrics[]>();
  readonly saved: { readonly step: number | null; readonly w: number | undefined }[] = [];
  quota = false;
  data: RunData | null = null;

  putRun(run: Run): Promise<void> {
    this.records.push(run);
    return Promise.resolve();
  }

  putMetrics(_runId: string, rows: readonly StepMetrics[]): Promise<void> {
    this.rows.set(rows[0]?.step ?? 0, [...rows]);
    return Promise.resolve();
  }

  readMetrics(): Promise<readonly StepMetrics[]> {
    return Promise.resolve([...this.rows.values()].flat());
  }

  replaceMetrics(_runId: string, rows: readonly StepMetrics[]): Promise<void> {
    this.rows.clear();
    if (rows.length > 0) this.rows.set(rows[0]?.step ?? 0, rows);
    return Promise.resolve();
  }

  putRunData(_runId: string, data: RunData): Promise<void> {
    this.data = data;
    return Promise.resolve();
  }

  async putWeights(run: Run, delta: WeightDelta): Promise<void> {
    if (this.quota) throw new DOMException('full', 'QuotaExceededError');
    for await (const [name, [w]] of delta.read()) if (name === 'w') this.saved.push({ step: run.weightsStep, w });
    this.records.push(run);
  }

  get steps(): readonly number[] {
    return [...this.rows.values()].flatMap((rows) => rows.map(({ step }) => step));
  }
}

export function eventsOf<Type extends TrainingEvent['type']>(
  events: readonly TrainingEvent[],
  type: Type,
): readonly Extract<TrainingEvent, { type: Type }>[] {
  return events.filter((event): event is Extract<TrainingEvent, { type: Type }> => event.type === type);
}
