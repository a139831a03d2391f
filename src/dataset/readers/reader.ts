import type { SourceFile } from '../source';
import type { Rejection, Split } from '../types';

/** The files of an import, sorted into what a reader looks for. Paths are normalised and unique. */
export interface Listing {
  /** Pictures by path, in the order given. */
  readonly images: ReadonlyMap<string, SourceFile>;
  /** All other visible files by path. */
  readonly others: ReadonlyMap<string, SourceFile>;
}

/** A picture as a reader describes it. */
export interface Picture {
  readonly source: SourceFile;
  /** Trimmed, not empty, each once; none when no caption was found. */
  readonly captions: readonly string[];
  /** Split that the files themselves give; null when they give none. */
  readonly split: Split | null;
}

/** What a reader found. Pictures that it has no captions for are given without. */
export interface Reading {
  readonly pictures: readonly Picture[];
  readonly rejected: readonly Rejection[];
  /** Paths of the caption and metadata files that were understood; they need no mention in the report. */
  readonly used: ReadonlySet<string>;
}

/** One dataset format. */
export interface Reader {
  /** Name shown in the report. */
  readonly format: string;
  /** Whether the list of files looks like this format. */
  detect(listing: Listing): boolean;
  /**
   * Reads captions and splits. Null when the files turned out not to hold what their names promised, with the reasons added to `rejected`;
   * the next format is tried then.
   */
  read(listing: Listing, rejected: Rejection[], signal?: AbortSignal): Promise<Reading | null>;
}

/** Captions as stored: white space at the ends and doubled within removed, empty ones and repetitions dropped. */
export function cleanCaptions(captions: readonly string[]): string[] {
  const clean = captions.map((caption) => caption.replace(/\s+/g, ' ').trim()).filter((caption) => caption !== '');
  return [...new Set(clean)];
}
