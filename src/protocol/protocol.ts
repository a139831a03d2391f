import type { TaskKind } from '../model/families/family';
import type { MemoryEstimate } from '../model/memory';
import type { PicturePart } from '../model/image-processor';
import type { Remedy } from '../recipe/remedies';
import type { Decoding } from '../recipe/decoding';
import type { Recipe } from '../recipe/schema';
import type { LabelConvention } from '../recipe/tasks/words';
import type { GroupPlace } from '../recipe/trainable';
import type { SampleOptions } from '../dataset/samples';
import type { IntakeReport, Split } from '../dataset/types';
import type { ExecutorKind } from '../engine/executor';
import type { TaskId } from '../tasks';
import type { RunsCompared } from './compared';
import type { Interval, MetricChanges, Metrics } from '../tasks/metrics';
import type { Outcomes } from '../tasks/outcomes';
import type { Robustness, Strength } from '../tasks/robustness';
import type { Slices } from '../tasks/slices';
import type { RunTiming } from './run-timing';
import type { SweepTrial } from './sweep-trial';
import type { RunChange, StopKeeping, TrainingEvent } from './training';

/**
 * What the page and the worker say to each other. The page sends requests, each with an id; the worker answers every request with exactly one
 * `result` or `failure` and may send `progress` for it before. Events without an id belong to the training run in progress. All is plain
 * data that survives `postMessage`.
 */

export type { SweepTrial } from './sweep-trial';
export type { Evaluation, RunChange, RunPhase, StepMetrics, StopKeeping, TestResult, TrainingEvent } from './training';

/** Which weights: the base model alone, or a finished or running run on top of it. */
export type WeightsRef =
  | {
      readonly kind: 'base';
      readonly model: string;
      /** Hub that it comes from; where it is not said, the one that was named last. */
      readonly hub?: string | null;
    }
  | { readonly kind: 'run'; readonly runId: string };

/** What a run's record would say of its weights if there had been room for them. */
export interface UnstoredWeights {
  readonly bestStep: number | null;
  readonly weightsStep: number;
  readonly tensors: string[];
}

/** What the machine offers and what was chosen. */
export interface Capabilities {
  readonly chosen: ExecutorKind;
  /** One plain sentence: what is used and why. */
  readonly verdict: string;
  /** GPU adapter as the browser names it; null without WebGPU. */
  readonly adapter: string | null;
  readonly softwareAdapter: boolean;
  /** Bytes of the largest tensor that the GPU takes; null without one. */
  readonly largestTensor: number | null;
  /** What was chosen can train in mixed precision. */
  readonly mixedPrecision: boolean;
  readonly crossOriginIsolated: boolean;
  readonly threads: number;
  /** Findings of the self-test and short trial that a user may want to read. */
  readonly notes: readonly string[];
}

/** What is frozen as one, and its place in the model. */
export interface LayerGroup extends GroupPlace {
  readonly label: string;
  readonly parameters: number;
}

/** A part of a model that takes in one kind of data. */
export interface ModelTower {
  /** As groups name it. */
  readonly id: string;
  readonly label: string;
  readonly blocks: number;
  /** Width of the residual stream. */
  readonly width: number;
}

/** What the page shows of an opened model. */
export interface ModelSummary {
  readonly id: string;
  readonly name: string;
  /** Its family, for people: `CLIP`, and as configurations name it: `clip`. */
  readonly family: string;
  readonly modelType: string;
  readonly parameters: number;
  readonly bytes: number;
  readonly imageSize: number;
  readonly patchSize: number;
  readonly maxTokens: number;
  /** `pair`: compares pictures with words; `generator`: writes words about pictures. */
  readonly kind: 'pair' | 'generator';
  /** What it can be trained for. */
  readonly tasks: readonly TaskKind[];
  /** Width of the space that pictures and words share; null where there is none. */
  readonly projectionDim: number | null;
  readonly towers: readonly ModelTower[];
  readonly groups: readonly LayerGroup[];
  readonly license: string | null;
  /** By id, the export formats that cannot hold it, and why not, in sentences for the user. */
  readonly notExportedAs: Readonly<Record<string, string>>;
  /** What was assumed when it was opened, or will not work as it should, in sentences for the user. */
  readonly notes: readonly string[];
}

/** What the memory of a run depends on besides its model and recipe. */
export interface RunCounts {
  /** What computes, and whether it can train in mixed precision. */
  readonly kind: ExecutorKind;
  readonly mixedPrecision: boolean;
  /** Pairs of a picture and a caption in the training split. */
  readonly trainPairs: number;
  /** Pictures of the training and of the validation split, and captions of both. */
  readonly trainImages: number;
  readonly validationImages: number;
  readonly texts: number;
  readonly evaluated: boolean;
}

/** A run that cannot fit. */
export interface MemoryShortage {
  /** What needs how much, and how much there is; a sentence. */
  readonly message: string;
  readonly remedies: readonly Remedy[];
}

export type { MemoryEstimate };

/** What a head makes of a sample: how probable each class is, or the numbers that it gives. */
export interface Prediction {
  /** After calibration, the most probable first; empty where numbers are given. */
  readonly classes: readonly {
    readonly label: string;
    readonly probability: number;
    /** Whether it is said of the sample. */
    readonly said: boolean;
    /** From which probability on it is said; null where the most probable is. */
    readonly threshold: number | null;
  }[];
  readonly numbers: readonly {
    readonly name: string;
    readonly value: number;
    /** Standard deviation of its errors on the validation samples; null where it was not measured. */
    readonly error: number | null;
  }[];
}

export interface SearchHit {
  readonly imageId: string;
  /** Cosine similarity, -1…1. */
  readonly score: number;
}

export interface CaptionHit {
  readonly caption: string;
  readonly score: number;
}

/** How much a word has to do with a result, in shares of all words. */
export interface WordWeight {
  readonly text: string;
  /** The text was cut before it, so that the model did not read it. */
  readonly cut: boolean;
  readonly rollout: number;
  readonly relevance: number;
  /** Of a word that a model has written: where it looked, by patch, in shares of all patches. */
  readonly over?: readonly number[];
}

/**
 * What a model attends to, in two ways: rollout (Abnar & Zuidema 2020), whatever it is asked; and relevance (Chefer et al. 2021), what speaks for what
 * it was asked for.
 */
export interface AttentionView {
  /** The part of the picture that the model sees, in shares of its width and height. */
  readonly part: PicturePart;
  /** Patches along a side of that part. */
  readonly side: number;
  /** By patch, row by row, in shares of all patches. */
  readonly picture: { readonly rollout: readonly number[]; readonly relevance: readonly number[] };
  /** Null where no words were read. */
  readonly words: readonly WordWeight[] | null;
  /** What relevance explains: a cosine similarity, or the logit of a class; null where written words say for themselves where they looked. */
  readonly score: { readonly kind: 'similarity' | 'logit'; readonly value: number } | null;
}

/** What lies nearest to a picture under one set of weights, nearest first. */
export interface Nearest {
  readonly pictures: readonly SearchHit[];
  readonly captions: readonly CaptionHit[];
}

/** Samples that point the same way under some weights. */
export interface SampleGroup {
  /** Keys of their pictures, those in the middle of the group first. */
  readonly imageIds: readonly string[];
  /** Captions of the dataset that lie nearest to its middle. */
  readonly captions: readonly CaptionHit[];
}

export interface EvaluationReport {
  readonly task: TaskId;
  readonly split: Split;
  /** True when the run was made on this dataset as it was before a change, so that these pictures may have been trained on. */
  readonly dataChanged: boolean;
  readonly base: Metrics;
  /** Null when only the base model was evaluated. */
  readonly tuned: Metrics | null;
  /** Null without a tuned model, and where there are too few pictures to tell. */
  readonly change: MetricChanges | null;
  /** 95 % intervals of the metrics themselves, by name; null where there are too few pictures to tell. */
  readonly intervals: {
    readonly base: Readonly<Record<string, Interval>>;
    readonly tuned: Readonly<Record<string, Interval>> | null;
  } | null;
  readonly outcomes: Outcomes;
  /** The same by the columns that cut it. */
  readonly slices: readonly Slices[];
  /** What there is to know of the pictures, by names that the task gives. */
  readonly about: Metrics;
  /** What of it is not numbers, in the form of the task's schema. */
  readonly details: unknown;
}

export interface ExportResult {
  readonly fileName: string;
  readonly zip: Blob;
  /** Largest absolute difference of embeddings between the trained model and the read-back export. */
  readonly maxDifference: number;
  readonly bytes: number;
  /** How many of the model's tensors are in it, and what they are stored as. */
  readonly tensors: number;
  readonly precision: 'float32' | 'float16';
  /** True when every frozen tensor left bit for bit as it came. */
  readonly frozenUnchanged: boolean;
}

/** A model file given by the user. */
export interface ModelFile {
  readonly name: string;
  readonly file: Blob;
}

/** Every request with what it takes and gives. */
export interface Requests {
  probe: { params: { readonly force: ExecutorKind | null }; result: Capabilities };
  openModel: { params: { readonly model: string; readonly hubBase: string | null }; result: ModelSummary };
  /** Keeps the files as a local model under the id `local/{name}` and opens it. */
  importModel: { params: { readonly name: string; readonly files: readonly ModelFile[] }; result: ModelSummary };
  /** What a run would take up, by purpose, and what keeps it from fitting. */
  estimateMemory: {
    params: {
      readonly model: string;
      readonly recipe: Recipe;
      readonly counts: RunCounts;
      /** Bytes of the largest tensor that the GPU takes; null without one. */
      readonly largestTensor: number | null;
    };
    result: {
      /** Null where nothing is trained. */
      readonly estimate: MemoryEstimate | null;
      /** Null where nothing is known to keep it from fitting. */
      readonly shortage: MemoryShortage | null;
    };
  };
  /** What the parts of a run would take on this machine, by a few steps of it; known at once where the same was timed before. A run ends it. */
  timeRun: {
    params: { readonly recipe: Recipe; readonly datasetId: string };
    result: RunTiming;
  };
  /** Hands over files of the next import; `first` forgets earlier ones. Thousands in one message would hold up the page. */
  handFiles: {
    params: { readonly files: readonly { readonly path: string; readonly file: Blob }[]; readonly first: boolean };
    result: null;
  };
  /** Imports the files that were handed over. */
  importFiles: {
    params: { readonly datasetId: string | null; readonly name: string; readonly origin: string };
    result: { readonly datasetId: string; readonly report: IntakeReport };
  };
  /** Draws a sample and imports it. */
  makeSample: {
    params: SampleOptions;
    result: { readonly datasetId: string; readonly report: IntakeReport };
  };
  /** Ids of the pictures with a caption that is longer than the model reads, among those given, or all of the dataset (null). */
  longCaptions: {
    params: { readonly model: string; readonly datasetId: string; readonly imageIds: readonly string[] | null };
    result: readonly string[];
  };
  /** Pictures held back for validation or test that look like one that is trained on, each with that one. */
  findCopies: {
    params: { readonly datasetId: string };
    result: readonly { readonly imageId: string; readonly of: string }[];
  };
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
    result: {
      readonly runId: string;
      /** What there is to say of weights that are in the worker's memory alone, since the disk is full; null where they are stored. */
      readonly unstored: UnstoredWeights | null;
    };
  };
  /**
   * Goes on with a run from its newest checkpoint; answers and tells as `train` does. `change` takes effect there: a run that has come to its end
   * is made longer by it.
   */
  goOn: {
    params: { readonly runId: string; readonly change?: RunChange; readonly until?: number };
    result: Requests['train']['result'];
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
  evaluate: {
    params: {
      readonly weights: WeightsRef;
      readonly datasetId: string;
      readonly split: Split;
      /** What the base model alone is measured by; a run has its own. Absent: how pictures and words find each other. */
      readonly recipe?: Pick<Recipe, 'task'>;
    };
    result: EvaluationReport;
  };
  /** What the same measures when pictures or words are spoiled. */
  robustness: {
    params: Requests['evaluate']['params'] & { readonly strength: Strength };
    result: Robustness;
  };
  /** What runs score on the same pictures of their data, each against the first. */
  compareRuns: {
    params: { readonly runIds: readonly string[]; readonly split: Split };
    result: RunsCompared;
  };
  searchImages: {
    params: {
      readonly weights: WeightsRef;
      readonly datasetId: string;
      readonly query: string;
      readonly count: number;
    };
    result: readonly SearchHit[];
  };
  searchCaptions: {
    params: { readonly weights: WeightsRef; readonly datasetId: string; readonly image: Blob; readonly count: number };
    result: readonly CaptionHit[];
  };
  classify: {
    params: {
      readonly weights: WeightsRef;
      readonly image: Blob;
      readonly labels: readonly string[];
      readonly template: string;
    };
    result: readonly { readonly label: string; readonly probability: number }[];
  };
  /** What lies nearest to a picture of the dataset, by base and by tuned features; the picture itself and its own captions among them. */
  neighbours: {
    params: {
      readonly runId: string;
      readonly datasetId: string;
      readonly imageId: string;
      readonly count: number;
    };
    result: { readonly base: Nearest; readonly tuned: Nearest };
  };
  /** Groups among some pictures of a dataset, by the features of the weights; pictures that fit no group are in none. */
  groupSamples: {
    params: { readonly weights: WeightsRef; readonly datasetId: string; readonly imageIds: readonly string[] };
    result: readonly SampleGroup[];
  };
  /** What a model attends to in a picture, for words or for a class of its own head. */
  attention: {
    params: {
      readonly weights: WeightsRef;
      readonly picture:
        | { readonly kind: 'stored'; readonly id: string }
        /** Equal keys: the same picture. */
        | { readonly kind: 'given'; readonly key: string; readonly blob: Blob };
      readonly of:
        | { readonly kind: 'words'; readonly text: string }
        | { readonly kind: 'label'; readonly label: string }
        /** Words that it has written about the picture, as a caption or in answer to a question. */
        | { readonly kind: 'written'; readonly text: string; readonly question: string | null };
    };
    result: AttentionView;
  };
  predict: {
    params: {
      /** Of the run, whose head answers; or of its base model, which is asked in words. */
      readonly weights: WeightsRef;
      /** The run that says what is asked. */
      readonly asked: string;
      /** What there is to be read; one of them at least. */
      readonly image: Blob | null;
      readonly words: string | null;
    };
    result: Prediction;
  };
  /** Writes a caption for a picture, or the answer to a question about it. What is written so far comes as the label of progress. */
  write: {
    params: {
      readonly weights: WeightsRef;
      readonly image: Blob;
      /** Null for a caption. */
      readonly question: string | null;
      /** Words that the text begins with; they are given, and no part of what is written. */
      readonly prompt: string;
      /** How the model was taught to begin. */
      readonly labels: LabelConvention;
      readonly decoding: Decoding;
    };
    result: Written;
  };
  exportModel: {
    params: {
      readonly weights: WeightsRef;
      /** Id of an export format, and what is chosen of its options. */
      readonly format: string;
      readonly options: Readonly<Record<string, unknown>>;
      readonly datasetId: string | null;
    };
    result: ExportResult;
  };
}

/** What a model wrote. */
export interface Written {
  readonly text: string;
  /** What each token adds to the text, white space included, and how probable the model found it. */
  readonly tokens: readonly { readonly text: string; readonly probability: number }[];
  /** Whether it came to its end, rather than to the most tokens that were asked for. */
  readonly ended: boolean;
}

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
