import type { Executor, StepReading, Trainer } from '../../engine/executor';
import type { RunChange } from '../../protocol/run-control';
import type { StepMetrics } from '../../protocol/training';
import type { Recipe } from '../../recipe/schema';
import type { Run } from '../../runs/types';
import type { DatasetView } from '../data/dataset-view';
import type { PixelReader } from '../features/samples';
import type { ModelHandle } from '../model-handle';
import { placeOf, wentOn } from '../services/going-on';
import { Checkpoints } from '../session/checkpoints';
import { noteEvent } from '../session/event-log';
import { PartsPlanned } from '../session/planned-changes';
import { Recorder } from '../session/recorder';
import { Reporter } from '../session/reporter';
import { TrainingSession } from '../session/session';
import { MemoryCheckpoints } from './fake-session';
import { MemoryStorage, runOf } from './fakes';
import { preparedRun } from './prepared';

/** What comes to a run from outside, in one visit of the page. */
export interface Visit {
  /** Is told of each step that the device was given; what it throws is a failure of the device. */
  readonly onStep?: (step: number, session: TrainingSession) => void;
  /** What the device says of a step, of what it would say. */
  readonly reading?: (reading: StepReading, rate: number) => StepReading;
  /** Closes the tab at this step. */
  readonly closedAt?: number;
  /** The run goes on with these changes; absent: it begins. */
  readonly change?: RunChange;
  /** Parts that batches are computed in where the device fails for want of memory; absent: it never does. */
  readonly smaller?: number;
}

/** A run of the studio on a model and data, over as many visits as it takes: each on buffers and with a task of its own. */
export class VisitedRun {
  private readonly storage = new MemoryStorage();
  private readonly checkpoints = new MemoryCheckpoints();
  private left: Run | null = null;

  constructor(
    private readonly on: {
      readonly executor: Executor;
      readonly model: ModelHandle;
      readonly view: DatasetView;
      readonly pixels: PixelReader;
      readonly recipe: Recipe;
    },
  ) {}

  get run(): Run {
    if (this.left === null) throw new Error('The run has not begun.');
    return this.left;
  }

  rows(): Promise<readonly StepMetrics[]> {
    return this.storage.readMetrics();
  }

  /** Trains until the visit has its end, in as many attempts as that takes. */
  async visit(visit: Visit = {}): Promise<void> {
    let goesOn = visit.change !== undefined;
    while (await this.attempt(visit, goesOn)) goesOn = false;
  }

  /** @returns whether another attempt is needed */
  private async attempt(visit: Visit, goesOn: boolean): Promise<boolean> {
    const { recipe, model, executor, view } = this.on;
    const { left } = this;
    const noted = left?.events.findLast(({ kind }) => kind === 'micro-batches');
    const parts = noted?.kind === 'micro-batches' ? noted.to : undefined;
    const { plan, task, store, device, groups, dispose } = await preparedRun({ ...this.on, microBatches: parts });
    const now = (): number => performance.now();
    const checkpoints = new Checkpoints(this.checkpoints, now);
    const place = await placeOf(left, checkpoints, false);
    const { stepsPerEpoch, batchSize, microBatches, evaluateEvery, totalSteps } = plan;
    const dataset = { ...runOf(recipe).dataset, fingerprint: view.fingerprint };
    const begun = { plan: { stepsPerEpoch, batchSize, microBatches, evaluateEvery }, totalSteps, dataset };
    const record = left === null ? runOf(recipe, begun) : { ...left, state: 'running' as const };
    const recorder = new Recorder(record, now, this.storage);
    const witnesses = { recorder, reporter: new Reporter('run', () => undefined, now) };
    if (goesOn) {
      const computer = { backend: 'tfjs-cpu', name: 'CPU', adapter: null } as const;
      for (const event of wentOn(place, computer)) await noteEvent(witnesses, event);
    }
    let close = (): void => undefined;
    const closed = new Promise<'closed'>((resolve) => (close = () => resolve('closed')));
    const session: TrainingSession = new TrainingSession({
      ...{ recipe, plan, task, groups, now, checkpoints, ...witnesses },
      device: {
        ...device,
        executor: disturbed(executor, visit, (step) => {
          visit.onStep?.(step, session);
          if (step !== visit.closedAt) return undefined;
          close();
          return new Promise<void>(() => undefined);
        }),
      },
      from: place.snapshot,
      beginning: (names) => names.map((name) => [name, model.tensors.get(name) ?? new Float32Array()] as const),
      recovers: (error) =>
        error instanceof PartsPlanned || (visit.smaller !== undefined && microBatches < visit.smaller),
    });
    if (goesOn && visit.change !== undefined) session.commands.change(visit.change);
    const reason = await Promise.race([session.run(), closed]);
    if (reason === 'again') {
      const { failure } = session;
      const to = failure instanceof PartsPlanned ? failure.parts : (visit.smaller ?? 1);
      const step = (await checkpoints.newest())?.state.step ?? 0;
      await noteEvent(witnesses, { kind: 'micro-batches', step, at: 0, from: microBatches, to });
    }
    this.left = reason === 'closed' ? { ...recorder.record, state: 'interrupted' } : recorder.record;
    if (reason !== 'closed') dispose();
    else store.dispose();
    return reason === 'again';
  }
}

/** The executor, whose trainers tell of their steps and whose readings are what the visit makes of them. */
function disturbed(
  executor: Executor,
  { reading }: Visit,
  onStep: (step: number) => Promise<void> | undefined,
): Executor {
  return Object.assign(Object.create(executor) as Executor, {
    async compileTraining(...options: Parameters<Executor['compileTraining']>): Promise<Trainer> {
      const trainer = await executor.compileTraining(...options);
      const step = trainer.step.bind(trainer);
      const readings = trainer.readings.bind(trainer);
      const rates = new Map<number, number>();
      trainer.step = async (inputs, scalars) => {
        rates.set(scalars.step, scalars.learningRate);
        await step(inputs, scalars);
        await onStep(scalars.step);
      };
      trainer.readings = async (drain) => {
        const found = await readings(drain);
        return reading === undefined ? found : found.map((own) => reading(own, rates.get(own.step) ?? 0));
      };
      return trainer;
    },
  });
}
