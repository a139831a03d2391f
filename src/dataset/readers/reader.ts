import type { SourceFile } from '../source';
import type { Rejection, Split } from '../types';
import type { Pairs } from './pairing';
import type { PictureIndex } from './resolve';

/** A picture that captions can be found for: one of this import, or one that the dataset holds already. */
export interface Target {
  readonly path: string;
  /** Null for a picture that is stored already. */
  readonly source: SourceFile | null;
  /** Key of a stored picture; null for a picture of this import. */
  readonly id: string | null;
}

/** The files of an import, sorted into what a reader looks for. Paths are normalised and unique. */
export interface Listing {
  /** Pictures by path, in the order given. */
  readonly images: ReadonlyMap<string, Target>;
  /** Pictures that the dataset holds already; empty for a new dataset. */
  readonly stored: readonly Target[];
  /** All other visible files by path. */
  readonly others: ReadonlyMap<string, SourceFile>;
  /** Names of these, in lower case and without folders. */
  readonly otherNames: ReadonlySet<string>;
  /** Caption files by the picture that they belong to. */
  readonly pairs: Pairs;
  /** Finds pictures by the names that tables use. */
  readonly index: PictureIndex;
}

/** A picture of this import with what was found for it. */
export interface Picture {
  readonly source: SourceFile;
  /** Trimmed, not empty, each once; none when no caption was found. */
  readonly captions: readonly string[];
  /** Split that the files themselves give; null when they give none. */
  readonly split: Split | null;
}

/** What a source says of one picture. */
export interface Description {
  readonly captions: readonly string[];
  readonly split: Split | null;
}

/** Captions that belong together: the parts of a table, all caption files, all class folders. */
export interface CaptionSource {
  /** Name of the format, shown in the report. */
  readonly format: string;
  /** How the report calls this source beside others: a path, or "the caption files". */
  readonly name: string;
  readonly described: ReadonlyMap<Target, Description>;
  /** Sentence for the user when the captions rest on a guess that a person should see; null for a plain reading. */
  readonly note: string | null;
}

/** What readers find out along the way; all of them add to it. */
export interface Findings {
  readonly rejected: Rejection[];
  /** Paths of the caption and metadata files that were understood or are reported already. */
  readonly used: Set<string>;
  /** Sentences for the user about the whole. */
  readonly notes: string[];
}

/** One dataset format. */
export interface Reader {
  /**
   * Reads what the files of the format say. Files that turn out not to hold what their names promise are reported in `findings`, or left to
   * the next reader when they are not marked as used.
   */
  read(listing: Listing, findings: Findings, signal?: AbortSignal): Promise<readonly CaptionSource[]>;
}

/** A reading of names, for pictures that no file describes. */
export interface NameReader {
  /**
   * @param bare pictures of this import that have no caption so far
   * @param sources what the files say
   * @returns null where the names hold no captions
   */
  read(
    listing: Listing,
    bare: readonly Target[],
    sources: readonly CaptionSource[],
    findings: Findings,
  ): CaptionSource | null;
}

/** True for a source that is about captions, even if it has none for the pictures at hand; false for one that only gives splits. */
export function isAboutCaptions({ described }: CaptionSource): boolean {
  return described.size === 0 || [...described.values()].some(({ captions }) => captions.length > 0);
}

/** Captions as stored: white space at the ends and doubled within removed, empty ones and repetitions dropped. */
export function cleanCaptions(captions: readonly string[]): string[] {
  const clean = captions.map((caption) => caption.replace(/\s+/g, ' ').trim()).filter((caption) => caption !== '');
  return [...new Set(clean)];
}

/** The caption made of a class name. */
export function captionOfClass(label: string): string {
  return `a photo of a ${label}`;
}
