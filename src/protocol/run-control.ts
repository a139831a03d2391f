import type { Recipe } from '../recipe/schema';
import type { SweepTrial } from './sweep-trial';

/** What a run that is stopped keeps: what its recipe says, its last weights instead of the best, or nothing, since it is deleted then. */
export type StopKeeping = 'as-planned' | 'last' | 'nothing';

/** What can be changed of a run after it has begun; what is absent stays. */
export interface RunChange {
  /** Highest learning rate from then on, in the place of the recipe's. */
  readonly learningRate?: number;
  /** Steps of the whole run. */
  readonly totalSteps?: number;
}

/** What a run's record would say of its weights if there had been room for them. */
export interface UnstoredWeights {
  readonly bestStep: number | null;
  readonly weightsStep: number;
  readonly tensors: string[];
}

/** How training has ended. */
export interface TrainResult {
  readonly runId: string;
  /** What there is to say of weights that are in the worker's memory alone, since the disk is full; null where they are stored. */
  readonly unstored: UnstoredWeights | null;
}

/** What is asked of runs. */
export interface RunRequests {
  /** Starts a run; answers when it has ended. Everything in between comes as events. */
  train: {
    params: {
      readonly runId: string;
      readonly name: string;
      readonly recipe: Recipe;
      readonly datasetId: string;
      /** The sweep that it is a trial of; absent: none. */
      readonly sweep?: SweepTrial;
      /** Share of its length, 0…1, after which it stops and waits; absent: it comes to its end. */
      readonly until?: number;
    };
    result: TrainResult;
  };
  /**
   * Goes on with a run from its newest checkpoint; answers and tells as `train` does. `change` takes effect there: a run that has come to its end
   * is made longer by it. One without a checkpoint begins once more where `anyway` says so.
   */
  goOn: {
    params: {
      readonly runId: string;
      readonly change?: RunChange;
      readonly until?: number;
      readonly anyway?: boolean;
    };
    result: TrainResult;
  };
  pause: { params: Record<string, never>; result: null };
  resume: { params: Record<string, never>; result: null };
  /** Stops after the step in flight. */
  stop: { params: { readonly keep: StopKeeping }; result: null };
  evaluateNow: { params: Record<string, never>; result: null };
  /** Ends the evaluation under way without a result; the run goes on. */
  cancelEvaluation: { params: Record<string, never>; result: null };
  checkpointNow: { params: Record<string, never>; result: null };
  /** Changes the run in progress after the step in flight. */
  changeRun: { params: RunChange; result: null };
  /** Leaves the device idle part of the time, or no longer, in this run and in those to come. */
  beGentle: { params: { readonly gentle: boolean }; result: null };
}
