import { foreignImageExtension, foreignImageReason, isImageExtension } from './image-info';
import { captionsWithin } from './limits';
import { baseName, extensionOf, hiddenPart } from './paths';
import { readers } from './readers';
import type { Listing, Picture } from './readers/reader';
import type { SourceFile } from './source';
import type { Rejection } from './types';

/** What the files of an import turned out to be. */
export interface DatasetReading {
  /** Name of the recognised format. */
  readonly format: string;
  readonly pictures: readonly Picture[];
  readonly rejected: readonly Rejection[];
}

/** Recognises the format by the list of files and reads captions and splits. Pictures are not opened yet. */
export async function readDataset(files: readonly SourceFile[], signal?: AbortSignal): Promise<DatasetReading> {
  const rejected: Rejection[] = [];
  const listing = sortFiles(files, rejected);
  for (const reader of readers) {
    if (!reader.detect(listing)) continue;
    const reading = await reader.read(listing, rejected, signal);
    if (reading === null) continue;
    const pictures = reading.pictures.map((picture) => withinLimits(picture, rejected));
    const mentioned = new Set(rejected.map(({ path }) => path));
    for (const path of listing.others.keys()) {
      if (!reading.used.has(path) && !mentioned.has(path) && !isDocumentation(path))
        rejected.push({ path, reason: unusedReason(path) });
    }
    return { format: reader.format, pictures, rejected };
  }
  throw new Error('No reader takes the files, though the last one takes anything.');
}

/** A picture with those of its captions that may be stored. */
function withinLimits(picture: Picture, rejected: Rejection[]): Picture {
  const { captions, problems } = captionsWithin(picture.captions);
  for (const problem of problems) {
    rejected.push({ path: picture.source.path, reason: `${problem} What is over it was left out.` });
  }
  return { ...picture, captions };
}

function sortFiles(files: readonly SourceFile[], rejected: Rejection[]): Listing {
  const images = new Map<string, SourceFile>();
  const others = new Map<string, SourceFile>();
  const hidden = new Map<string, number>();
  for (const file of files) {
    const marked = hiddenPart(file.path);
    if (marked !== null) {
      hidden.set(marked, (hidden.get(marked) ?? 0) + 1);
      continue;
    }
    const target = isImageExtension(extensionOf(file.path)) ? images : others;
    if (target.has(file.path)) {
      rejected.push({
        path: file.path,
        reason: 'Two files have this path; the first was taken. Add the second from another folder.',
      });
    } else target.set(file.path, file);
  }
  for (const [path, count] of hidden) {
    rejected.push({
      path,
      reason: count === 1 ? 'A hidden or system file; left out.' : `${count} hidden or system files; left out.`,
    });
  }
  return { images, others };
}

/** Files about a dataset rather than of it, which nobody expects to be taken. */
function isDocumentation(path: string): boolean {
  return /^(readme|licen[cs]e|copying|notice|credits)(\.(md|txt|rst))?$/i.test(baseName(path));
}

/** Why a visible file that is no taken picture plays no part. */
function unusedReason(path: string): string {
  const extension = extensionOf(path);
  const foreign = foreignImageExtension(extension);
  if (foreign !== null) return foreignImageReason(foreign);
  switch (extension) {
    case 'txt':
    case 'caption':
      return 'A caption file without a picture of the same name. Rename one of the two if they belong together.';
    case 'csv':
    case 'tsv':
    case 'jsonl':
    case 'ndjson':
      return 'Not needed: the captions were read from the metadata files.';
    case 'zip':
      return 'A zip within a zip is not opened. Unpack it and add what it holds.';
    case 'parquet':
      return 'Parquet is not read. Export the table as metadata.csv or metadata.jsonl with the pictures beside it.';
    case 'tar':
    case 'gz':
    case 'tgz':
    case '7z':
    case 'rar':
      return 'Of archives only .zip is read. Unpack it and add the folder.';
    default:
      return 'Neither a picture (JPEG, PNG, WebP, GIF, BMP, AVIF, SVG) nor a caption file that Vernier reads.';
  }
}
