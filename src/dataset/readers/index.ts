import { classFolderReader } from './class-folders';
import { imagefolderReader } from './imagefolder';
import { plainReader } from './plain';
import type { Reader } from './reader';
import { sidecarReader } from './sidecar';
import { tableReader } from './table';

/** All formats, the most specific first; the last takes anything. */
export const readers: readonly Reader[] = [
  imagefolderReader,
  tableReader,
  sidecarReader,
  classFolderReader,
  plainReader,
];
