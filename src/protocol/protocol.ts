import type { AnswerRequests } from './answers';
import type { AttentionRequests } from './attention';
import type { DataRequests } from './data';
import type { EvaluationRequests } from './evaluation';
import type { ExportRequests } from './export';
import type { MachineRequests } from './machine';
import type { ModelRequests } from './models';
import type { RunRequests } from './run-control';
import type { RunNeedsRequests } from './run-needs';
import type { SearchRequests } from './search';
import type { TrainingEvent } from './training';

/**
 * What the page and the worker say to each other. The page sends requests, each with an id; the worker answers every request with exactly one
 * `result` or `failure` and may send `progress` for it before. Events without an id belong to the training run in progress. All is plain
 * data that survives `postMessage`.
 */

/** Every request with what it takes and gives. */
export interface Requests
  extends
    MachineRequests,
    ModelRequests,
    DataRequests,
    RunNeedsRequests,
    RunRequests,
    EvaluationRequests,
    SearchRequests,
    AnswerRequests,
    AttentionRequests,
    ExportRequests {}

export type RequestType = keyof Requests;

export type RequestMessage = {
  [Type in RequestType]: { readonly id: number; readonly type: Type; readonly params: Requests[Type]['params'] };
}[RequestType];

export interface Progress {
  /** What is being done, for people. */
  readonly label: string;
  readonly done: number;
  /** Null when unknown. */
  readonly total: number | null;
}

/** Failure as it crosses to the page. */
export interface FailureInfo {
  /** Machine-readable; `cancelled` when the page asked for it. */
  readonly code: string;
  /** For the user: what happened, where, what to do. */
  readonly message: string;
}

/** What becomes of a request. */
export type AnswerMessage =
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly failure: FailureInfo }
  | { readonly kind: 'progress'; readonly id: number; readonly progress: Progress };

/** Worker → page. `alive` comes once the worker holds its lifeline, `pong` for every ping. */
export type WorkerMessage =
  | AnswerMessage
  | { readonly kind: 'events'; readonly events: readonly TrainingEvent[] }
  | { readonly kind: 'alive' }
  | { readonly kind: 'pong' };

/** Page → worker: who the two are (first of all), a request, the wish that a request end, or a question for a sign of life. */
export type PageMessage =
  | RequestMessage
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'ping' }
  | {
      readonly type: 'hello';
      /** Folder of the page, with a slash at its end: its own files are served below it. */
      readonly base: string;
      /** Name of the Web Lock that the worker holds as long as it lives. */
      readonly lifeline: string;
    };
