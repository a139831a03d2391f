import { beginsLikePicture, foreignImageExtension, foreignImageReason, isImageExtension } from './image-info';
import { captionsWithin, fileLimits } from './limits';
import { baseName, extensionOf, hiddenPart, isDocumentation, withoutExtension } from './paths';
import { nameReaders, readers } from './readers';
import { classFolderFormat } from './readers/class-folders';
import { folderLabels } from './readers/folder-labels';
import { mergeSources, type Merged } from './readers/merge';
import { isCaptionFile, pairCaptionFiles } from './readers/pairing';
import {
  isAboutCaptions,
  readSource,
  type Findings,
  type Listing,
  type Picture,
  type ReadSource,
} from './readers/reader';
import type { Target } from './readers/target';
import { indexPictures } from './readers/resolve';
import { splitOfPath } from './split-names';
import { isVague } from './sniff';
import { startOf, type SourceFile } from './source';
import type { Column, FieldValue, Rejection } from './types';

/** A picture that is stored already, by its key and path. */
export interface StoredPicture {
  readonly id: string;
  readonly path: string;
}

/** What an import brings for a picture that is stored already. */
export interface LateWords {
  readonly id: string;
  readonly captions: readonly string[];
  readonly fields: Readonly<Record<string, FieldValue>>;
}

/** What the files of an import turned out to be. */
export interface DatasetReading {
  /** Name of the recognised format or formats. */
  readonly format: string;
  readonly pictures: readonly Picture[];
  readonly late: readonly LateWords[];
  /** The columns of the pictures' fields. */
  readonly columns: readonly Column[];
  /** What the files call the column of the captions; null where they have no name for it, or several. */
  readonly captionColumn: string | null;
  readonly rejected: readonly Rejection[];
  /** What was guessed, or decided between captions that contradict each other, in sentences for the user. */
  readonly notes: readonly string[];
}

/**
 * Recognises the formats by the list of files and reads captions and splits. Pictures are not opened yet.
 * @param stored pictures of the dataset that is added to, for which the files may hold captions
 */
export async function readDataset(
  files: readonly SourceFile[],
  stored: readonly StoredPicture[] = [],
  signal?: AbortSignal,
): Promise<DatasetReading> {
  const findings: Findings = { rejected: [], used: new Set(), notes: [] };
  const listing = await sortFiles(files, stored, findings.rejected);
  const sources: ReadSource[] = [];
  for (const reader of readers) {
    for await (const source of reader.read(listing, findings, signal)) {
      const read = await readSource(source, signal);
      if (read.described.size > 0 || isAboutCaptions(read)) sources.push(read);
    }
  }
  sources.push(...(await readNames(listing, sources, findings)));
  const merged = mergeSources([...sources, ...(await readLabels(listing, sources))]);
  const pictures = picturesOf(listing, merged, findings.rejected);
  reportUnused(listing, findings);
  return {
    format: formatOf(merged),
    pictures,
    late: listing.stored.flatMap((target): LateWords[] => {
      const captions = merged.captions.get(target) ?? [];
      const fields = merged.fields.get(target) ?? {};
      const isEmpty = captions.length === 0 && Object.keys(fields).length === 0;
      return target.id === null || isEmpty ? [] : [{ id: target.id, captions, fields }];
    }),
    columns: merged.columns,
    captionColumn: captionColumnOf(merged),
    rejected: findings.rejected,
    notes: [...merged.notes, ...findings.notes],
  };
}

/** The first reading of names that finds captions for pictures that no file describes. */
async function readNames(
  listing: Listing,
  sources: readonly ReadSource[],
  findings: Findings,
): Promise<readonly ReadSource[]> {
  const bare = [...listing.images.values()].filter((target) =>
    sources.every(({ described }) => (described.get(target)?.captions.length ?? 0) === 0),
  );
  if (bare.length === 0) return [];
  for (const reader of nameReaders) {
    const source = reader.read(listing, bare, sources, findings);
    if (source !== null) return [await readSource(source)];
  }
  return [];
}

/** The folders as labels, unless a file has columns of its own: it says what there is to say. */
async function readLabels(listing: Listing, sources: readonly ReadSource[]): Promise<readonly ReadSource[]> {
  if (sources.some(({ columns }) => columns.length > 0)) return [];
  const labels = folderLabels(
    [...listing.images.values()],
    sources.some(({ format }) => format === classFolderFormat),
  );
  return labels === null ? [] : [await readSource(labels)];
}

function captionColumnOf({ contributing }: Merged): string | null {
  const names = new Set(
    contributing.flatMap(({ captionColumn, described }) =>
      [...described.values()].some(({ captions }) => captions.length > 0) ? [captionColumn ?? null] : [],
    ),
  );
  return names.size === 1 ? ([...names][0] ?? null) : null;
}

function formatOf({ contributing }: Merged): string {
  const formats = new Set(contributing.map(({ format }) => format));
  return formats.size === 0 ? 'Pictures without captions' : [...formats].join(' and ');
}

/** The pictures of this import, each with those of its captions that may be stored. */
function picturesOf(listing: Listing, { captions, splits, fields }: Merged, rejected: Rejection[]): Picture[] {
  const pictures: Picture[] = [];
  for (const target of listing.images.values()) {
    if (target.source === null) continue;
    const within = captionsWithin(captions.get(target) ?? []);
    for (const problem of within.problems) {
      rejected.push({ path: target.path, reason: `${problem} What is over it was left out.` });
    }
    pictures.push({
      source: target.source,
      captions: within.captions,
      split: splits.get(target) ?? splitOfPath(target.path),
      fields: fields.get(target) ?? {},
    });
  }
  return pictures;
}

async function sortFiles(
  files: readonly SourceFile[],
  stored: readonly StoredPicture[],
  rejected: Rejection[],
): Promise<Listing> {
  const images = new Map<string, Target>();
  const others = new Map<string, SourceFile>();
  const hidden = new Map<string, number>();
  for (const file of files) {
    const { path } = file;
    const marked = hiddenPart(path);
    if (marked !== null) {
      hidden.set(marked, (hidden.get(marked) ?? 0) + 1);
      continue;
    }
    if (images.has(path) || others.has(path)) {
      rejected.push({
        path,
        reason: 'Two files have this path; the first was taken. Add the second from another folder.',
      });
    } else if (await isPicture(file)) images.set(path, { path, source: file, id: null });
    else others.set(path, file);
  }
  for (const [path, count] of hidden) {
    rejected.push({
      path,
      reason: count === 1 ? 'A hidden or system file; left out.' : `${count} hidden or system files; left out.`,
    });
  }
  const known = stored.map(({ id, path }): Target => ({ id, path, source: null }));
  return {
    images,
    stored: known,
    others,
    otherNames: new Set([...others.keys()].map((path) => baseName(path).toLowerCase())),
    pairs: pairCaptionFiles([...images.values()], known, [...others.keys()]),
    index: indexPictures([...images.values()], known),
  };
}

/** So much of a file tells whether it is a picture. */
const pictureStart = 64_000;

/**
 * By its extension; by its content where it has none, one that says nothing or that no program writes (`jpg_large`, `jpg!d`), or one of a format
 * that cannot be taken, which JPEGs are called by more often than one would think (`.heic`).
 */
async function isPicture(file: SourceFile): Promise<boolean> {
  const extension = extensionOf(file.path);
  if (isImageExtension(extension)) return true;
  const telling =
    !isVague(file.path) &&
    foreignImageExtension(extension) === null &&
    !/[^a-z0-9]/.test(extension) &&
    /[a-z]/.test(extension);
  if (telling || isDocumentation(file.path) || file.size === 0 || file.size > fileLimits.picture) return false;
  try {
    return beginsLikePicture(await startOf(file, pictureStart));
  } catch {
    return false;
  }
}

/** Reports the visible files that play no part, each with its reason. */
function reportUnused({ others, images }: Listing, { rejected, used }: Findings): void {
  const mentioned = new Set(rejected.map(({ path }) => path));
  const withoutCaptionFiles = [...others.keys()].filter((path) => !isCaptionFile(path));
  /** Names of files of any kind, without extension: their caption files wait for the picture that the file is not. */
  const stems = new Set([...withoutCaptionFiles, ...images.keys()].flatMap((path) => [path, withoutExtension(path)]));
  for (const path of others.keys()) {
    if (used.has(path) || mentioned.has(path) || isDocumentation(path)) continue;
    if (isCaptionFile(path) && stems.has(withoutExtension(path))) continue;
    rejected.push({ path, reason: unusedReason(path, images.size > 0) });
  }
}

/** Why a visible file that is no taken picture plays no part. */
function unusedReason(path: string, anyPictures: boolean): string {
  const extension = extensionOf(path);
  const foreign = foreignImageExtension(extension);
  if (foreign !== null) return foreignImageReason(foreign);
  if (isCaptionFile(path)) {
    return anyPictures
      ? 'A text without a picture of the same name, and no table of pictures and captions. Name it like its picture if it is a caption.'
      : 'A text, but there is no picture that it could belong to.';
  }
  switch (extension) {
    case 'json':
      return 'It holds no captions that Vernier reads: COCO captions, a list such as [{"file_name": …, "text": …}], a map such as {"a.jpg": "caption"}, or {"caption": …} beside a picture.';
    case 'zip':
      return 'A zip deep within another, or a large one, is not opened. Unpack it and add what it holds.';
    case 'parquet':
      return 'A Parquet file within an archive is not opened. Unpack it and add what it holds.';
    case 'xlsx':
    case 'xls':
    case 'ods':
      return 'Workbooks are not read. Save the sheet as "CSV UTF-8" and add that with the pictures.';
    case 'tar':
    case 'gz':
    case 'tgz':
    case '7z':
    case 'rar':
      return 'Of archives only .zip, .tar and .tar.gz are read, and those not within others. Unpack it and add the folder.';
    default:
      return 'Neither a picture (JPEG, PNG, WebP, GIF, BMP, AVIF, SVG) nor a caption file that Vernier reads.';
  }
}
