import type { SourceFile } from '../source';

/** A picture that captions can be found for: one of this import, or one that the dataset holds already. */
export interface Target {
  readonly path: string;
  /** Null for a picture that is stored already. */
  readonly source: SourceFile | null;
  /** Key of a stored picture; null for a picture of this import. */
  readonly id: string | null;
}
