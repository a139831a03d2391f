import { z } from 'zod';

/** What one model took the measured pictures for. */
export interface Confusion {
  /** Names of the classes, in the order of rows and columns. */
  readonly classes: readonly string[];
  /** Cells with pictures: how many of a class (row) were taken for another (column), and the first of them. */
  readonly cells: readonly ConfusionCell[];
}

export interface ConfusionCell {
  readonly row: number;
  readonly column: number;
  readonly count: number;
  readonly images: readonly string[];
}

/** Pictures of a cell that are named at most. */
export const shownImages = 60;

const confusionSchema: z.ZodType<Confusion> = z.object({
  classes: z.array(z.string()),
  cells: z.array(
    z.object({
      row: z.int().min(0),
      column: z.int().min(0),
      count: z.int().min(0),
      images: z.array(z.string()),
    }),
  ),
});

/** A picture with the classes that it was given, before and after. */
export interface ClassifiedPicture {
  readonly imageId: string;
  readonly label: string;
  readonly base: ClassGuess;
  readonly tuned: ClassGuess;
}

export interface ClassGuess {
  readonly label: string;
  readonly probability: number;
}

const guessSchema = z.object({ label: z.string(), probability: z.number() });

/** The same few validation pictures at each evaluation. */
export const predictionsSchema: z.ZodType<readonly ClassifiedPicture[]> = z.array(
  z.object({ imageId: z.string(), label: z.string(), base: guessSchema, tuned: guessSchema }),
);

/** What of a report on classification is not numbers. */
export interface ClassificationReport {
  /** Null where samples have several labels, so that none is taken for another. */
  readonly base: Confusion | null;
  /** Null where only the base model was measured. */
  readonly tuned: Confusion | null;
  /** Pictures without a label, which take no part. */
  readonly unlabelled: number;
  /** How often probabilities come true; absent where samples have several labels, and in reports of versions that did not count it. */
  readonly reliability?:
    { readonly base: readonly ReliabilityBin[]; readonly tuned: readonly ReliabilityBin[] | null } | undefined;
  /** Label by label, where samples have several; absent in reports of versions that did not measure it. */
  readonly labels?:
    { readonly base: readonly LabelFigures[]; readonly tuned: readonly LabelFigures[] | null } | undefined;
}

/** What is measured of one label by itself. */
export interface LabelFigures {
  readonly label: string;
  /** Pictures that have it. */
  readonly pictures: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Null where no picture has it, or all have. */
  readonly auroc: number | null;
  readonly averagePrecision: number | null;
}

const labelFiguresSchema = z.object({
  label: z.string(),
  pictures: z.int().min(0),
  precision: z.number(),
  recall: z.number(),
  f1: z.number(),
  auroc: z.number().nullable(),
  averagePrecision: z.number().nullable(),
});

/** Samples whose probability lies in one interval, of intervals that hold some: their mean probability, and how many were right. */
export interface ReliabilityBin {
  readonly low: number;
  readonly high: number;
  readonly count: number;
  readonly confidence: number;
  readonly accuracy: number;
}

const binSchema = z.object({
  low: z.number(),
  high: z.number(),
  count: z.number(),
  confidence: z.number(),
  accuracy: z.number(),
});

export const reportSchema: z.ZodType<ClassificationReport> = z.object({
  base: confusionSchema.nullable(),
  tuned: confusionSchema.nullable(),
  unlabelled: z.number(),
  reliability: z.object({ base: z.array(binSchema), tuned: z.array(binSchema).nullable() }).optional(),
  labels: z.object({ base: z.array(labelFiguresSchema), tuned: z.array(labelFiguresSchema).nullable() }).optional(),
});
