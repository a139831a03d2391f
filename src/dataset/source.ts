/** A file of an import, read when it is needed: a dropped file or an entry of a zip. */
export interface SourceFile {
  /** Normalised path; for an entry of a zip, the path within it. */
  readonly path: string;
  /** Bytes once read (inflated). */
  readonly size: number;
  /** @throws DatasetError `unreadable` when the file is damaged or gone */
  read(): Promise<Uint8Array<ArrayBuffer>>;
}

/** A file as the page hands it over. */
export interface GivenFile {
  readonly path: string;
  readonly file: Blob;
}
