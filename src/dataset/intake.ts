import { storageFull } from '../storage/storing';
import { browserCodec, type ImageCodec } from './codec';
import { baseColumns, joinColumns, mostFieldColumns, type JoinedColumns } from './columns';
import { DatasetError, formatBytes, reasonOf } from './errors';
import { isImageExtension, readImageInfo, type ImageInfo } from './image-info';
import { ImportWriter, type OpenedPicture } from './import-writer';
import { readWithin } from './limits';
import { readDataset, type DatasetReading, type StoredPicture } from './listing';
import { extensionOf } from './paths';
import type { Picture } from './readers/reader';
import { openSources } from './sources';
import { defaultSplit, givenSplits, type SplitSettings } from './split';
import { readDatasetRecord, readImages } from './storage';
import type { GivenFile, SourceFile } from './source';
import { drawSvg, type SvgRasterizer } from './svg/drawing';
import { pictureOf } from './sample';
import type { Column, IntakeReport, Rejection } from './types';
import type { ZipLimits } from './zip';

/** What to import. */
export interface ImportRequest {
  /** The dataset to add to; null makes a new one. */
  readonly datasetId: string | null;
  /** Name of a new dataset. */
  readonly name: string;
  /** Dropped files, zips among them, or sources that make their bytes when asked. */
  readonly files: readonly (GivenFile | SourceFile)[];
  /** For the model card: `files`, or a sample's id. */
  readonly origin: string;
}

export interface ImportProgress {
  readonly label: string;
  readonly done: number;
  readonly total: number | null;
}

export interface ImportOptions {
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Split of a new dataset; 80 / 10 / 10 by default. */
  readonly split?: SplitSettings;
  readonly codec?: ImageCodec;
  /** Without it, SVG pictures are refused with the reason. */
  readonly rasterizeSvg?: SvgRasterizer | undefined;
  readonly zipLimits?: ZipLimits;
}

/** Pictures opened at once. More would only pile up decoded pixels. */
const parallel = 3;

/**
 * Imports pictures with captions: recognises the format, checks, hashes and decodes every picture, and stores them in batches of one
 * transaction each. Nothing of a new dataset is to be seen before all is stored; an import that is cancelled or fails leaves everything as it
 * was.
 * @returns the dataset's id, and what was taken and what not
 * @throws DatasetError `nothing-taken`, `not-found`; StorageError; the signal's reason when it is aborted
 */
export async function importFiles(
  request: ImportRequest,
  options: ImportOptions = {},
): Promise<{ datasetId: string; report: IntakeReport }> {
  const { signal, onProgress } = options;
  signal?.throwIfAborted();
  const target = request.datasetId === null ? null : await readDatasetRecord(request.datasetId);
  onProgress?.({ label: 'Looking through the files', done: 0, total: null });
  const sources = await openSources(request.files, signal, options.zipLimits);
  try {
    const stored = target === null ? [] : await storedPictures(target.id, sources.files);
    const reading = await readDataset(sources.files, stored, signal);
    const rejected = [...sources.rejected, ...reading.rejected];
    if (reading.pictures.length === 0 && reading.late.length === 0) throw nothingTaken(rejected);
    await checkSpace(reading.pictures);
    const joined = joinColumns(target?.columns ?? columnsOfNew(reading), reading.columns);
    return await ImportWriter.run(
      target ?? {
        id: crypto.randomUUID(),
        name: request.name.trim() || 'Untitled dataset',
        createdAt: Date.now(),
        split: options.split ?? defaultSplit,
        origin: request.origin,
        columns: [...joined.columns],
      },
      target === null,
      joined,
      (writer) => importPictures(writer, reading, rejected, options),
    );
  } finally {
    await sources.close();
  }
}

/** The columns that each dataset has, the captions' called as the files call it. */
function columnsOfNew({ captionColumn }: DatasetReading): readonly Column[] {
  const isFree = captionColumn !== null && baseColumns.every(({ name }) => name !== captionColumn);
  return baseColumns.map((column) =>
    column.role === 'caption' && isFree ? { ...column, name: captionColumn } : column,
  );
}

async function importPictures(
  writer: ImportWriter,
  reading: DatasetReading,
  rejected: Rejection[],
  options: ImportOptions,
): Promise<{ datasetId: string; report: IntakeReport }> {
  const { signal } = options;
  const pictures = [...reading.pictures].sort((a, b) => byPath.compare(a.source.path, b.source.path));
  const splits = givenSplits(new Set(pictures.map(({ split }) => split)), writer.dataset.split);
  const progress = throttledProgress(options, pictures.length);

  let next = 0;
  let written = 0;
  let failed = false;
  const opened = new Map<number, OpenedPicture | Rejection>();
  // Each lane opens one picture at a time; whoever completes the next in order hands it on with all that wait behind it.
  const lane = async (): Promise<void> => {
    for (let index = next++; index < pictures.length && !failed; index = next++) {
      signal?.throwIfAborted();
      const picture = pictures[index];
      if (picture === undefined) return;
      opened.set(index, await openPicture(picture, options));
      for (let ready = opened.get(written); ready !== undefined; ready = opened.get(written)) {
        opened.delete(written);
        written += 1;
        if ('reason' in ready) rejected.push(ready);
        else writer.add(ready, splits.splitOf(ready.split, ready.hash));
        progress(written);
      }
      await writer.flushWhenFull();
    }
  };
  // All lanes must have come to rest before an import may be taken back, or a straggler would write after that.
  const lanes = await Promise.allSettled(
    Array.from({ length: parallel }, () =>
      lane().catch((error: unknown) => {
        failed = true;
        throw error;
      }),
    ),
  );
  for (const ended of lanes) if (ended.status === 'rejected') throw ended.reason;
  signal?.throwIfAborted();
  for (const { id, captions, fields } of reading.late) writer.addWords(id, { captions: [...captions], fields });
  if (writer.isNew && writer.added === 0) throw nothingTaken(rejected);
  await writer.finish(splits.drawn);
  return {
    datasetId: writer.dataset.id,
    report: {
      format: reading.format,
      added: writer.added,
      duplicates: writer.duplicates,
      captions: writer.captions,
      captioned: writer.captioned,
      columns: reading.columns.map(({ name }) => name),
      filled: writer.filled,
      withoutCaption: writer.withoutCaption,
      questions: writer.questions,
      rejected,
      notes: [
        ...reading.notes,
        ...(splits.withoutTest && writer.added > 0 ? [withoutTestNote] : []),
        ...(writer.joined.leftOut.size > 0 ? [leftOutNote(writer.joined)] : []),
      ],
    },
  };
}

const withoutTestNote =
  'The files say which pictures are for training and which for validation, and none is for testing. Split the dataset again to set some aside.';

function leftOutNote({ leftOut }: JoinedColumns): string {
  return `A dataset has ${mostFieldColumns} columns at most besides pictures, captions and splits. Left out: ${[...leftOut].join(', ')}.`;
}

/** The pictures of a dataset that captions may be for; none are read when pictures are all that is added. */
async function storedPictures(datasetId: string, files: readonly SourceFile[]): Promise<readonly StoredPicture[]> {
  if (files.every(({ path }) => isImageExtension(extensionOf(path)))) return [];
  return (await readImages(datasetId)).items.map((sample) => ({ id: sample.id, path: pictureOf(sample).path }));
}

async function openPicture(picture: Picture, options: ImportOptions): Promise<OpenedPicture | Rejection> {
  const { path } = picture.source;
  try {
    const original = await readWithin(picture.source, 'picture');
    const info = readImageInfo(original);
    const hash = toHex(await crypto.subtle.digest('SHA-256', original));
    const isSvg = info.type === 'image/svg+xml';
    const bytes = isSvg ? await rasterize(original, info, options.rasterizeSvg) : original;
    const type = isSvg ? 'image/png' : info.type;
    const { width, height, thumbnail } = await (options.codec ?? browserCodec).inspect(bytes, type);
    return {
      hash,
      media: [{ kind: 'image', path, type, width, height, bytes: bytes.length }],
      captions: [...picture.captions],
      fields: picture.fields,
      split: picture.split,
      data: bytes.buffer,
      thumbnail,
    };
  } catch (error) {
    return { path, reason: reasonOf(error) };
  }
}

function rasterize(
  svg: Uint8Array<ArrayBuffer>,
  info: ImageInfo,
  rasterizer: SvgRasterizer | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  if (rasterizer === undefined)
    throw new Error('SVG pictures cannot be drawn here. Convert it to PNG and add it again.');
  return drawSvg(svg, info, rasterizer);
}

/** Refuses before anything is written when the browser says that the pictures cannot fit. */
async function checkSpace(pictures: readonly Picture[]): Promise<void> {
  const needed = pictures.reduce((sum, { source }) => sum + source.size, 0);
  const storage = (globalThis.navigator as Navigator | undefined)?.storage;
  const { quota, usage } = (await storage?.estimate().catch(() => undefined)) ?? {};
  if (quota === undefined || usage === undefined) return;
  const free = Math.max(0, quota - usage);
  if (needed > free) throw storageFull(` (the pictures need ${formatBytes(needed)}, ${formatBytes(free)} are free)`);
}

function nothingTaken(rejected: readonly Rejection[]): DatasetError {
  if (rejected.length === 0) {
    return new DatasetError(
      'nothing-taken',
      'There are no pictures here. Add JPEG, PNG, WebP, GIF, BMP, AVIF or SVG files, a folder or a zip of them.',
    );
  }
  // One example a reason: a hundred files of one kind need no hundred sentences.
  const byReason = new Map<string, string[]>();
  for (const { path, reason } of rejected) {
    const paths = byReason.get(reason);
    if (paths === undefined) byReason.set(reason, [path]);
    else paths.push(path);
  }
  const shown = [...byReason].slice(0, 3).map(([reason, [path = '', ...others]]) => {
    const files = others.length === 0 ? path : `${path} and ${others.length} more`;
    return reason.startsWith(path) ? reason : `${files}: ${reason}`;
  });
  const more = byReason.size > 3 ? ` There are ${byReason.size - 3} more reasons.` : '';
  return new DatasetError('nothing-taken', `No picture could be taken. ${shown.join(' ')}${more}`);
}

function throttledProgress(options: ImportOptions, total: number): (done: number) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (done) => {
    const now = performance.now();
    if (done < total && now - last < 100) return;
    last = now;
    options.onProgress?.({ label: 'Storing pictures', done, total });
  };
}

const byPath = new Intl.Collator('en', { numeric: true });

function toHex(buffer: ArrayBuffer): string {
  return [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
