import type { z } from 'zod';
import type { Recipe } from '../recipe/schema';
import type { GroupPlace } from '../recipe/trainable';
import type { MetricDescription, Metrics, StepMetricDescription } from './metrics';

/** What a base model knows of the pictures that it was measured on, as far as that matters to a recipe. */
export type Knowledge = 'little' | 'some' | 'much';

/**
 * What the whole house needs to know of a task: its metrics, what of them decides, and what its predictions look like. It is plain data and
 * pure functions, for page and worker alike. The worker's half (`TrainingTask`) lies in `training/tasks/`, what shows predictions and reports in
 * `pages/tasks/`, what model cards say beside it (`cards.ts`), each with a line in a list that is typed by the one of the descriptions (`index.ts`).
 */
export interface TaskDescription<Predictions = unknown, Details = unknown> {
  /** What of the data it is taught from. */
  readonly from: 'captions' | 'labels' | 'numbers' | 'questions';
  /** What a model must be able to do for it, as models say it of themselves. */
  readonly needs: 'contrastive' | 'classification' | 'captioning' | 'answering';
  /** Of an evaluation, in the order of their charts. The loss on validation pictures is among them, under the name `loss`. */
  readonly metrics: readonly MetricDescription[];
  /** Of a step, beside what every step has. */
  readonly stepMetrics: readonly (StepMetricDescription & { readonly atBound?: BoundFinding })[];
  /** The one metric that a result is told by. */
  readonly headline: (metrics: Metrics) => MetricDescription;
  /** The metric that decides which weights are best, and whether there is progress: what the recipe says, on the pictures that were measured. */
  readonly deciding: (recipe: Recipe, metrics: Metrics) => MetricDescription;
  /** Null where it cannot be told. */
  readonly knowledge: (metrics: Metrics) => Knowledge | null;
  /** Metrics that a result gives beside the headline, with what they are called there. */
  readonly details: readonly { readonly label: string; readonly name: string }[];
  /** What the loss on validation pictures was taken over, where its size depends on that: `batches of 64`. */
  readonly lossOver: (metrics: Metrics) => string | null;
  /** Whether a recipe makes use of a layer group of the model; others it leaves as they are. */
  readonly uses: (group: Pick<GroupPlace, 'tower' | 'kind'>, recipe: Pick<Recipe, 'task'>) => boolean;
  /** A few predictions of base and tuned model side by side, as a run keeps them. */
  readonly predictions: z.ZodType<Predictions>;
  /** What of a report is not numbers. */
  readonly report: z.ZodType<Details>;
}

/** A finding about a run in which a number of its steps has reached a bound. */
export interface BoundFinding {
  readonly bound: (recipe: Recipe) => number;
  readonly title: (bound: number) => string;
  readonly text: string;
}

/** What a head makes use of: the towers that it reads, without what leads to the space that pictures and words share. */
export const readByHead: TaskDescription['uses'] = ({ tower, kind }, { task }) => {
  const input = 'input' in task ? task.input : 'both';
  const read = { vision: input !== 'words', text: input !== 'picture' };
  return kind !== 'projection' && (tower === 'vision' || tower === 'text') && read[tower];
};
