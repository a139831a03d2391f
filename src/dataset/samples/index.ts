import { z } from 'zod';
import { DatasetError } from '../errors';
import { importFiles, type ImportOptions, type ImportProgress } from '../intake';
import type { GivenFile } from '../source';
import type { IntakeReport } from '../types';
import { shapesFiles } from './shapes';

const sampleSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  /** Zip beside the index; absent for a generated sample. */
  file: z.string().optional(),
  generator: z.literal('shapes').optional(),
  /** Pictures. */
  count: z.number(),
  /** Bytes to download. */
  bytes: z.number(),
  licence: z.string(),
  credit: z.string().nullable(),
});

/** A dataset that ships with the studio. */
export type Sample = z.infer<typeof sampleSchema>;

/** Where a dataset made from a sample says that it comes from. */
export function sampleOrigin(id: string): string {
  return `sample:${id}`;
}

/**
 * The samples that the studio offers, from `samples/index.json` under the page's base address.
 * @throws DatasetError `unreadable` when the list cannot be had
 */
export async function listSamples(base: string, signal?: AbortSignal): Promise<Sample[]> {
  const response = await fetchSound(`${base}samples/index.json`, signal);
  const parsed = z.array(sampleSchema).safeParse(await response.json().catch(() => null));
  if (!parsed.success) throw unreachable(`${base}samples/index.json`, 'it is not the list that was expected');
  return parsed.data;
}

/**
 * Downloads the zip of a sample, to be given to an import as it is.
 * @param onProgress bytes so far of all
 * @throws DatasetError `unreadable` when it cannot be had
 */
export async function fetchSample(
  base: string,
  sample: Sample & { readonly file: string },
  options: { readonly signal?: AbortSignal; readonly onProgress?: (progress: ImportProgress) => void } = {},
): Promise<GivenFile> {
  const response = await fetchSound(`${base}samples/${sample.file}`, options.signal);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let done = 0;
  const reader = response.body?.getReader();
  for (let chunk = await reader?.read(); chunk?.value !== undefined; chunk = await reader?.read()) {
    chunks.push(chunk.value);
    done += chunk.value.length;
    options.onProgress?.({ label: `Loading ${sample.name}`, done, total: sample.bytes });
  }
  return { path: sample.file, file: new Blob(chunks, { type: 'application/zip' }) };
}

/** Draws the generated sample and imports it like any other pictures. */
export function importShapes(
  { count, seed }: { readonly count: number; readonly seed: number },
  options: ImportOptions = {},
): Promise<{ datasetId: string; report: IntakeReport }> {
  const files = shapesFiles({ count, seed });
  return importFiles({ datasetId: null, name: 'Coloured shapes', files, origin: sampleOrigin('shapes') }, options);
}

async function fetchSound(url: string, signal: AbortSignal | undefined): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw unreachable(url, 'the server did not answer', error);
  }
  if (!response.ok) throw unreachable(url, `the server answered ${response.status}`);
  return response;
}

function unreachable(url: string, what: string, cause?: unknown): DatasetError {
  return new DatasetError(
    'unreadable',
    `The sample at ${url} could not be loaded: ${what}. Check the connection and try again.`,
    { cause },
  );
}
