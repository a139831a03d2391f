import type { Recipe } from '../recipe/schema';
import type { Run } from '../runs/types';
import type { Evaluation, RunPhase, TrainingEvent } from '../protocol/training';
import type { RunEvent } from '../protocol/run-events';
import type { Metrics } from '../tasks/metrics';
import { MetricColumns } from './metricColumns';

/** Name of the channel over which the tab that trains tells the others of its run, in the events that it hears itself. */
export const runEventsChannel = 'vernier-runs';

/** How a run ended. */
export type RunEnd = Omit<Extract<TrainingEvent, { type: 'ended' }>, 'type' | 'runId'>;

/** What the page knows of the run in progress (or just ended): everything the worker has said of it, put together. */
export interface LiveRun {
  readonly runId: string;
  readonly name: string;
  readonly recipe: Recipe;
  readonly datasetId: string;
  readonly phase: RunPhase;
  /** Held by the user. An evaluation asked for meanwhile has a phase of its own and leaves the run held. */
  readonly paused: boolean;
  /** What the phase does just now, for people. */
  readonly detail: string;
  /** How far the phase is, 0…1; null when unknown. */
  readonly fraction: number | null;
  /** 0 until the worker has planned the run. */
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
  readonly batchSize: number;
  readonly evaluateEvery: number;
  /** Remarks of the worker about this run. */
  readonly notes: readonly string[];
  readonly metrics: MetricColumns;
  readonly secondsLeft: number | null;
  readonly baseline: Metrics | null;
  readonly evaluations: readonly Evaluation[];
  /** Of the newest evaluation, in the form of the task's schema; null before the first. */
  readonly predictions: unknown;
  /** 0: the base model. */
  readonly bestStep: number | null;
  /** Step of the newest checkpoint; null before the first. */
  readonly checkpoint: number | null;
  /** Why a later checkpoint is not stored, for the user; null where nothing is amiss. */
  readonly checkpointProblem: string | null;
  /** Why what the run writes down is in memory alone, for the user; null where all is stored. */
  readonly storageProblem: string | null;
  /** What came between. */
  readonly events: readonly RunEvent[];
  /** Null while the run goes on. */
  readonly end: RunEnd | null;
}

/** A run that has been asked for and of which the worker has said nothing yet. */
export function newLiveRun(asked: Pick<LiveRun, 'runId' | 'name' | 'recipe' | 'datasetId'>): LiveRun {
  return {
    ...asked,
    phase: 'preparing',
    paused: false,
    detail: 'Getting ready',
    fraction: null,
    totalSteps: 0,
    stepsPerEpoch: 0,
    batchSize: 0,
    evaluateEvery: 0,
    notes: [],
    metrics: MetricColumns.empty,
    secondsLeft: null,
    baseline: null,
    evaluations: [],
    predictions: null,
    bestStep: null,
    checkpoint: null,
    checkpointProblem: null,
    storageProblem: null,
    events: [],
    end: null,
  };
}

/** A stored run that is to go on from a step, and of which the worker has said nothing yet. */
export function continuedRun(run: Run, metrics: MetricColumns, checkpoint: number): LiveRun {
  const detail = checkpoint === 0 ? 'Beginning once more' : `Going on from step ${checkpoint}`;
  const going = { ...storedLive(run, metrics), detail };
  return afterEvent(going, { type: 'resumed', runId: run.id, step: checkpoint });
}

/** A run in progress as far as it is stored. */
export function storedLive(run: Run, metrics: MetricColumns): LiveRun {
  const {
    id: runId,
    name,
    recipe,
    dataset,
    plan,
    totalSteps,
    baseline,
    evaluations,
    predictions,
    bestStep,
    events,
  } = run;
  const begun = newLiveRun({ runId, name, recipe, datasetId: dataset.id });
  return {
    ...begun,
    totalSteps,
    ...(plan === null
      ? {}
      : { stepsPerEpoch: plan.stepsPerEpoch, batchSize: plan.batchSize, evaluateEvery: plan.evaluateEvery }),
    metrics,
    baseline,
    evaluations,
    predictions,
    bestStep,
    events,
  };
}

/** The run after an event. Events of other runs, and any after the end, change nothing. */
export function afterEvent(run: LiveRun, event: TrainingEvent): LiveRun {
  if (event.runId !== run.runId || run.end !== null) return run;
  switch (event.type) {
    case 'phase':
      return {
        ...run,
        phase: event.phase,
        paused: event.phase === 'paused' || (run.paused && event.phase === 'evaluating'),
        detail: event.detail,
        fraction: event.fraction,
      };
    case 'plan':
      return {
        ...run,
        totalSteps: event.totalSteps,
        stepsPerEpoch: event.stepsPerEpoch,
        batchSize: event.batchSize,
        evaluateEvery: event.evaluateEvery,
        notes: event.notes,
      };
    case 'steps':
      return { ...run, metrics: run.metrics.append(event.steps), secondsLeft: event.secondsLeft };
    case 'baseline':
      // The base model is what training has to be better than; a run that goes on may have found better.
      return { ...run, baseline: event.metrics, bestStep: run.bestStep ?? 0 };
    case 'resumed':
      return {
        ...run,
        metrics: run.metrics.upTo(event.step),
        evaluations: run.evaluations.filter(({ step }) => step <= event.step || step === run.bestStep),
        events: run.events.filter(({ kind, step }) => kind !== 'skipped' || step <= event.step),
        checkpoint: event.step === 0 ? null : event.step,
      };
    case 'checkpoint':
      return event.problem === null
        ? { ...run, checkpoint: event.step, checkpointProblem: null }
        : { ...run, checkpointProblem: event.problem };
    case 'evaluation':
      return {
        ...run,
        phase: run.paused ? 'paused' : run.phase,
        evaluations: withEvaluation(run.evaluations, event.evaluation),
        predictions: event.predictions,
        bestStep: event.best ? event.evaluation.step : run.bestStep,
      };
    case 'happened':
      // Who watches hears again what the record has already.
      return run.events.some(({ kind, at }) => kind === event.event.kind && at === event.event.at)
        ? run
        : { ...run, events: [...run.events, event.event], totalSteps: event.totalSteps };
    case 'storage':
      return { ...run, storageProblem: event.problem };
    case 'ended': {
      const { reason, message, bestStep, lost = false } = event;
      return { ...run, secondsLeft: null, bestStep, end: { reason, message, bestStep, lost } };
    }
  }
}

/** In the order of their steps, each with its newest evaluation. */
function withEvaluation(evaluations: readonly Evaluation[], added: Evaluation): readonly Evaluation[] {
  const newest = evaluations.at(-1);
  if (newest === undefined || newest.step < added.step) return [...evaluations, added];
  return [...evaluations.filter(({ step }) => step !== added.step), added].sort((a, b) => a.step - b.step);
}
