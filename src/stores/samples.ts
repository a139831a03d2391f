import { z } from 'zod';
import { generatorIds } from '../dataset/samples/generators';
import { fetchFile } from '../model/fetch-file';
import { presets } from '../recipe/presets';
import type { Progress } from '../protocol/protocol';
import { tasks } from '../tasks';

const commonSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  count: z.number(),
  bytes: z.number(),
  licence: z.string(),
  credit: z.string().nullable(),
  /** What the data came from, where several samples are made of the same. */
  origin: z.string().optional(),
  /** What the sample is for: the recipe is set up for it as a whole, or, without a preset, for the task alone. */
  recipe: z
    .object({
      task: z.string(),
      model: z.string().nullable().default(null),
      preset: z
        .enum(presets.map(({ id }) => id))
        .nullable()
        .default(null),
      change: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
    })
    .default({ task: 'contrastive', model: null, preset: null, change: {} }),
});
/** A sample is a zip beside the list, or it is drawn by a generator. */
const sampleSchema = z.union([
  commonSchema.extend({ file: z.string(), generator: z.null().default(null) }),
  commonSchema.extend({ file: z.null().default(null), generator: z.enum(generatorIds) }),
]);
export type Sample = z.infer<typeof sampleSchema>;

/** The datasets that ship with the studio. @throws Error for the user */
export async function listSamples(signal: AbortSignal): Promise<readonly Sample[]> {
  const response = await fetch('samples/index.json', { signal });
  if (!response.ok) throw new Error(`The list of samples is missing (${response.status}). Is the studio served whole?`);
  const samples = z.array(sampleSchema).parse(await response.json());
  return samples.filter(({ recipe }) => Object.hasOwn(tasks, recipe.task));
}

/**
 * Loads a sample's zip; a connection that breaks off is taken up again where it stopped.
 *
 * @throws Error for the user
 */
export async function fetchSample(
  file: string,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<Blob> {
  const bytes = await fetchFile(`samples/${file}`, {
    signal,
    // The list came from the same server.
    reached: true,
    onProgress: (done, total) => onProgress({ label: 'Getting the sample', done, total }),
    onInterrupted: (done, total) =>
      onProgress({ label: 'Connection lost. The sample goes on when it is back', done, total }),
  });
  if (bytes === null) throw new Error(`The sample ${file} is missing. Is the studio served whole?`);
  return new Blob([bytes]);
}
