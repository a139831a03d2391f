import type { ModelCard } from '../model/card';
import type { Run, RunBase, RunData } from '../runs/types';
import type { EvaluationReport } from '../protocol/evaluation';
import type { StepMetrics } from '../protocol/training';
import { taskIdOf, taskOf, tasks } from '../tasks';
import type { TaskCard } from '../tasks/card';
import { cards } from '../tasks/cards';
import type { TaskDescription } from '../tasks/description';
import type { ExportPrecision } from './options';

/** What model card and training record tell about an export. Neither tells a caption or a file name of the data, unless examples are asked for. */
export interface ExportFacts {
  /** Name of the exported model. */
  readonly name: string;
  readonly base: {
    /** As in a recipe: `seed-clip`, `owner/name`, `local/…`. */
    readonly id: string;
    readonly name: string;
    /** Its licence in one line; null when its card gives none. */
    readonly license: string | null;
    /** What its own card says. */
    readonly card: ModelCard;
  };
  /** Where the base model came from, and a digest of its weights. */
  readonly baseWeights: RunBase;
  /** Kind of model, for people: `CLIP`. */
  readonly family: string;
  /** What loads it. */
  readonly format: CardFormat;
  readonly precision: ExportPrecision;
  /** Names of the base's files that are in the export. */
  readonly carried: readonly string[];
  /** Parameters in all, and how many of them were trained. */
  readonly parameters: number;
  readonly trainedParameters: number;
  /** The run whose weights these are; null for the base model itself. */
  readonly run: Run | null;
  /** Counts of the data the run was made on, where it is still stored as it was then. */
  readonly data: DataSummary | null;
  /** True when that data was changed after the run: nothing can be counted or measured on it any more that would be true of the run. */
  readonly dataChanged: boolean;
  /** What was in which split when the run began, by content hash; null where that is not known any more. */
  readonly splits: RunData | null;
  /** All steps of the run as they were measured. */
  readonly steps: readonly StepMetrics[];
  /** Report on the test pictures, where one was made; none of them was trained on. */
  readonly test: EvaluationReport | null;
  /** Whether the card shows a few of the test samples in words. */
  readonly examples: boolean;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** What the exported model does. The base model itself matches pictures and words. */
export function taskOfFacts({ run }: Pick<ExportFacts, 'run'>): TaskDescription {
  return run === null ? tasks.contrastive : taskOf(run.recipe);
}

/** What a model card says of what the exported model does. */
export function cardOf({ run }: Pick<ExportFacts, 'run'>): TaskCard {
  return cards[run === null ? 'contrastive' : taskIdOf(run.recipe)];
}

/** What a model card says of the format that the model lies in. */
export interface CardFormat {
  /** `library_name` on the Hub. */
  readonly library: string;
  /** The section on how to load it, in Markdown. */
  readonly usage: string;
}

/** A dataset in numbers. */
export interface DataSummary {
  readonly captions: number;
  /** Median number of words in a caption. */
  readonly medianWords: number;
  readonly duplicateCaptions: number;
  /** Where the data came from, e.g. `files` or `sample:fluent-emoji`. */
  readonly origin: string;
}

/** Counts for the model card. */
export function summarizeData(
  origin: string,
  images: readonly { readonly captions: readonly string[] }[],
): DataSummary {
  const captions = images.flatMap((image) => image.captions);
  const words = captions.map((caption) => caption.split(/\s+/).length).sort((a, b) => a - b);
  return {
    captions: captions.length,
    medianWords: words[words.length >> 1] ?? 0,
    duplicateCaptions: captions.length - new Set(captions.map((caption) => caption.toLowerCase())).size,
    origin,
  };
}
