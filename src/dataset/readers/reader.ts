import { gatherQuestions, questionColumns, questionFields, questionsIn } from '../questions';
import type { SourceFile } from '../source';
import type { Column, FieldValue, Rejection, SampleRecord, Split } from '../types';
import { isInRows, joinValues } from './fields';
import type { Pairs } from './pairing';
import type { PictureIndex } from './resolve';
import type { Target } from './target';

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
  /** What the files say besides, by column. */
  readonly fields: Readonly<Record<string, FieldValue>>;
}

/** Something that a source says of one picture. */
export interface Statement {
  readonly target: Target;
  readonly captions: readonly string[];
  readonly split: Split | null;
  /** By column; none where it says nothing besides. */
  readonly fields?: Readonly<Record<string, FieldValue>>;
}

/** All that a source says of one picture. */
export interface Description {
  readonly captions: readonly string[];
  readonly split: Split | null;
  readonly fields: Readonly<Record<string, FieldValue>>;
}

/** What belongs together: the parts of a table, all caption files, all class folders. */
export interface Source {
  /** Name of the format, shown in the report. */
  readonly format: string;
  /** How the report calls this source beside others: a path, or "the caption files". */
  readonly name: string;
  /** True where it is about captions, even if it has none for the pictures at hand. */
  readonly promisesCaptions?: boolean;
  /** The column that holds the captions, where the source has a name for it. */
  readonly captionColumn?: string | undefined;
  /** Its other columns, with what they seem to be. */
  readonly columns: readonly Column[];
  /** Sentence for the user when the captions rest on a guess that a person should see; null for a plain reading. */
  readonly note: string | null;
}

/** A source that is being read. */
export interface OpenSource extends Source {
  /** Some at a time. Read once, and before the reader goes on to its next source; `note` is final at the end. */
  readonly statements: AsyncIterable<readonly Statement[]> | Iterable<readonly Statement[]>;
}

/** A source that was read. */
export interface ReadSource extends Source {
  readonly described: ReadonlyMap<Target, Description>;
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
   * Gives what the files of the format say, source by source, as they are read. Files that turn out not to hold what their names promise are
   * reported in `findings`, or left to the next reader when they are not marked as used.
   */
  read(listing: Listing, findings: Findings, signal?: AbortSignal): AsyncIterable<OpenSource> | Iterable<OpenSource>;
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
    sources: readonly ReadSource[],
    findings: Findings,
  ): OpenSource | null;
}

/** Reads a source to its end. */
export async function readSource(source: OpenSource, signal?: AbortSignal): Promise<ReadSource> {
  const stated = new Map<Target, Statement[]>();
  for await (const statements of source.statements) {
    signal?.throwIfAborted();
    for (const statement of statements) {
      const entry = stated.get(statement.target);
      if (entry === undefined) stated.set(statement.target, [statement]);
      else entry.push(statement);
    }
  }
  const described = new Map([...stated].map(([target, statements]) => [target, joined(statements, source.columns)]));
  const { format, name, promisesCaptions = false, captionColumn, columns, note } = source;
  return { format, name, promisesCaptions, captionColumn, columns, note, described };
}

/** Several statements about a picture: captions and questions add up, the first split counts, and of other fields see `joinValues`. */
function joined(statements: readonly Statement[], columns: readonly Column[]): Description {
  const rows = statements.flatMap(({ fields }) => (fields === undefined ? [] : [fields]));
  return {
    captions: statements.flatMap(({ captions }) => captions),
    split: statements.find(({ split }) => split !== null)?.split ?? null,
    fields: rows.length === 0 ? {} : joinedRows(rows, columns),
  };
}

function joinedRows(rows: readonly SampleRecord['fields'][], columns: readonly Column[]): SampleRecord['fields'] {
  const asked = questionColumns(columns);
  const fields = Object.fromEntries(
    columns.flatMap(({ name, role }): (readonly [string, FieldValue])[] => {
      if (asked !== null && (name === asked.question || name === asked.answer)) return [];
      const values = rows.map((row) => (Object.hasOwn(row, name) ? (row[name] ?? null) : null));
      const value = joinValues(values, isInRows(role));
      return value === null ? [] : [[name, value]];
    }),
  );
  if (asked === null) return fields;
  return { ...fields, ...questionFields(asked, gatherQuestions(rows.map((row) => questionsIn(row, asked)))) };
}

/** True for a source that is about captions; false for one that only gives splits or fields. */
export function isAboutCaptions({ promisesCaptions, described }: ReadSource): boolean {
  return promisesCaptions === true || [...described.values()].some(({ captions }) => captions.length > 0);
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
