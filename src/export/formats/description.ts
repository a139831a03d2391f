import type { z } from 'zod';
import type { Recipe } from '../../recipe/schema';
import type { ExportOptions } from '../options';

/** What the page shows of an export format. It runs on the page's thread, so it knows nothing of how the files are made. */
export interface FormatDescription {
  readonly id: string;
  readonly label: string;
  /** What loads it, as the end of a sentence. */
  readonly readers: string;
  /** What can be chosen, each with its default; described in `optionInfo`. */
  readonly options: z.ZodObject & z.ZodType<ExportOptions>;
  /** Its files and what they hold, besides those that every export has. */
  readonly contents: readonly (readonly [file: string, what: string])[];
  /**
   * Python that loads a model of a `model_type` from a folder.
   *
   * @param recipe that it was trained by, where it was
   */
  readonly snippet: (folder: string, modelType: string, recipe?: Pick<Recipe, 'task'>) => string;
  /** The same where the model is a classifier; absent where the format holds none. */
  readonly classifierSnippet?: FormatDescription['snippet'];
  /** What there is of a classifier besides, and what it holds. */
  readonly classifierContents?: FormatDescription['contents'];
  /** The same where it has a head in files of its own. */
  readonly headSnippet?: FormatDescription['snippet'];
  readonly headContents?: FormatDescription['contents'];
}
