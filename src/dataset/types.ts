import { z } from 'zod';

/**
 * What a dataset consists of, as it is stored, and what an import says of itself. Stored records pass these schemas whenever they are read
 * (`records.ts`).
 */

const splits = ['train', 'validation', 'test'] as const;
export type Split = (typeof splits)[number];

/**
 * What a column of a dataset is to a task. Several columns may be numbers or groups; any other role is held by one at most, but for `none`: such a
 * column is kept, and no task takes it.
 *
 * - `image`, `caption`, `split`: held by one column of every dataset; their values are a sample's picture, its captions and its part
 * - `label`: the class that a sample belongs to, or several of them
 * - `group`: what ties samples together, such as a patient or a product
 * - `number`: a quantity that can be predicted
 * - `question`, `answer`: what is asked about a sample, and what is right (`questions.ts`)
 */
const columnRoles = ['image', 'caption', 'split', 'label', 'group', 'number', 'question', 'answer', 'none'] as const;
export type ColumnRole = (typeof columnRoles)[number];

const columnSchema = z.object({
  /** Unique within the dataset. Of the columns that `fields` hold, the key there. */
  name: z.string(),
  role: z.enum(columnRoles),
});
export type Column = Readonly<z.infer<typeof columnSchema>>;

/**
 * What a sample has in a column: one text or number, several texts, or of each of several things (the questions of a picture) several texts (the
 * answers that are accepted).
 */
const fieldValueSchema = z.union([z.string(), z.number(), z.array(z.string()), z.array(z.array(z.string()))]);
export type FieldValue = z.infer<typeof fieldValueSchema>;

/** One collection of captioned pictures. */
export const datasetSchema = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.number(),
  /** Seed and shares of the stored split. */
  split: z.object({
    seed: z.number(),
    validation: z.number(),
    test: z.number(),
    /** Pictures with the same caption lie in the same part; absent: each picture goes by itself. */
    byCaption: z.boolean().optional(),
    /** The same for pictures of a group, by the columns of groups. */
    byGroup: z.boolean().optional(),
  }),
  /** Where it came from, for the model card: `files`, a sample's id, … */
  origin: z.string(),
  /** In the order shown; there is one each for picture, captions and split. */
  columns: z.array(columnSchema),
  /** Counts the changes of its pictures, captions, splits, fields and columns; absent before the first. The same number, the same data. */
  revision: z.number().optional(),
});
export type Dataset = z.infer<typeof datasetSchema>;

/** A picture of a sample. The original bytes and the thumbnail lie in stores of their own, under the sample's id. */
const pictureSchema = z.object({
  kind: z.literal('image'),
  /** Path as dropped, e.g. `shoes/red/01.jpg`. */
  path: z.string(),
  /** Media type of the stored bytes: of an SVG, that of the PNG made of it. */
  type: z.string(),
  width: z.number(),
  height: z.number(),
  bytes: z.number(),
});
export type PictureMedium = z.infer<typeof pictureSchema>;

/** What one learns from: media with captions, a part and fields. */
export const sampleSchema = z.object({
  id: z.string(),
  datasetId: z.string(),
  /** SHA-256 of the original bytes, hexadecimal; unique within a dataset. */
  hash: z.string(),
  /** What there is to perceive: one picture as yet. A further kind of medium is a further shape, told by its `kind`. */
  media: z.tuple([pictureSchema]),
  /** At least one; several make several pairs. An empty list: the sample waits for a caption and takes no part. */
  captions: z.array(z.string()),
  split: z.enum(splits),
  /** What it has in the other columns, by their names; a column that says nothing of it is absent. */
  fields: z.record(z.string(), fieldValueSchema),
  /** A person has said that it is to take no part in anything until they say otherwise; absent: it does. */
  excluded: z.literal(true).optional(),
  /** Place in the dataset, ascending. */
  order: z.number(),
});
export type SampleRecord = z.infer<typeof sampleSchema>;

/** Why a file was not taken. */
export interface Rejection {
  readonly path: string;
  /** A sentence for the user: what is wrong and what to do. */
  readonly reason: string;
}

/** What an import did. */
export interface IntakeReport {
  readonly format: string;
  readonly added: number;
  /** Pictures whose bytes were there already; their new captions are added to the stored picture. */
  readonly duplicates: number;
  readonly captions: number;
  /** Pictures that were stored before and got captions from the files, their own bytes not among them. */
  readonly captioned: number;
  /** Names of the columns that the files have besides pictures, captions and splits. */
  readonly columns: readonly string[];
  /** Pictures that were stored before and got something in such a column. */
  readonly filled: number;
  /** Added pictures of which nothing is said that could be taught: no caption, label, number or answer. */
  readonly withoutCaption: number;
  /** Questions that were stored by this import. */
  readonly questions: number;
  readonly rejected: readonly Rejection[];
  /** What was guessed, or decided between captions that contradict each other, in sentences for the user. */
  readonly notes: readonly string[];
}
