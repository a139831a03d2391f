import { classFolderReader } from './class-folders';
import { classTokenReader } from './class-tokens';
import { cocoReader } from './coco';
import { fileNameReader } from './file-names';
import { imagefolderReader } from './imagefolder';
import { jsonReader } from './json';
import type { NameReader, Reader } from './reader';
import { sidecarReader } from './sidecar';
import { tableReader } from './table';
import { teachableMachineReader } from './teachable-machine';
import { textTableReader } from './text-tables';
import { vqaReader } from './vqa';

/** Formats with captions in files, the most specific first; a file that one of them understood is left alone by those behind it. */
export const readers: readonly Reader[] = [
  imagefolderReader,
  tableReader,
  sidecarReader,
  cocoReader,
  vqaReader,
  jsonReader,
  textTableReader,
];

/** Readings of names, for pictures that no file describes; the first that finds something counts. */
export const nameReaders: readonly NameReader[] = [
  classTokenReader,
  teachableMachineReader,
  classFolderReader,
  fileNameReader,
];
