import { DatasetError } from '../errors';
import { splitOfTable, wordsOf } from '../split-names';
import type { Column } from '../types';
import { captionsIn, pictureIn, turnsIn } from './cells';
import type { PictureIndex } from './resolve';
import { fieldColumns, speaksOfQuestions } from './roles';
import type { Table } from './rows';

/**
 * Finds out which columns of a table hold pictures, captions and splits. Usual names come before contents, and what was guessed without one is
 * told to the user (`guessed`).
 */

const imageAliases = [
  'file_name',
  'filename',
  'image',
  'images',
  'image_path',
  'filepath',
  'path',
  'file',
  'image_file',
  'img',
  'image_name',
  'url',
  'image_url',
  'image_id',
  'id',
];
const captionAliases = [
  'text',
  'caption',
  'captions',
  'title',
  'description',
  'prompt',
  'sentence',
  'sentences',
  'alt',
  'alt_text',
  'comment',
  'conversations',
  'messages',
];
/** Columns whose names end in "name" without being about the picture. */
const people = [
  'annotator',
  'artist',
  'author',
  'camera',
  'creator',
  'file',
  'labeler',
  'photographer',
  'user',
  'worker',
];
const labelAliases = ['label', 'label_name', 'class', 'class_name', 'category', 'category_name'];
/** Words that mark a column as the caption when no column has one of the usual names: `productDisplayName`, `caption_en`, `blip-caption`. */
const captionWords = ['caption', 'captions', 'description', 'prompt', 'title', 'sentence', 'text', 'name'];

/** Which columns of a table hold what. */
export interface TableColumns {
  readonly image: string;
  /** Null in a table that has no captions. */
  readonly caption: string | null;
  /** The caption column holds class names, of which captions are made. */
  readonly classes: boolean;
  readonly split: string | null;
  /** The caption column was not found by its name alone; the user is told which one was taken. */
  readonly guessed: boolean;
  /** The caption column holds conversations, of which `turnQuestions` are made too. */
  readonly turns: boolean;
  /** All others, as far as they are kept; a caption column that is more than that is among them. */
  readonly others: readonly Column[];
  /** What stands between several labels in a cell of one of them. */
  readonly separators: ReadonlyMap<string, string>;
  /** How many are too many to be kept. */
  readonly leftOut: number;
  /** Why the table is not what a user may have meant by it, though it says something of pictures; null for one that has all. */
  readonly lack: string | null;
}

/** The columns that questions and answers of conversations are kept in. */
export const turnColumns = { question: 'question', answer: 'answer' } as const;

/**
 * Finds the picture, caption and split columns by the names in common use, regardless of case; among several the first of the list wins
 * (`text` before `description`), for pictures the first that names some of those at hand. Hugging Face also allows `*_file_name`. Where no
 * name helps, the picture column is the one that names pictures at hand, and the caption column the one whose name speaks of captions or
 * classes.
 * @throws DatasetError `unreadable` naming the columns that are there and those that are wanted, where nothing can be had of the table
 */
export function findColumns(table: Table, path: string, index: PictureIndex): TableColumns {
  const image = imageColumn(table, path, index);
  const named = (aliases: readonly string[]): string | null => columnNamed(table.columns, aliases, image);
  const split = named(['split', 'subset', 'partition']);
  const answer = answerColumn(table.columns);
  const describes = answer !== null && !asksSeveral(table, answer.prefix);
  let caption = named(captionAliases) ?? (describes ? answer.suffix : null);
  let classes = false;
  let guessed = false;
  if (caption === null) {
    caption = spokenColumn(table, image);
    guessed = caption !== null;
  }
  if (caption === null) {
    const label = named(labelAliases);
    classes = guessed = label !== null && holdsWords(table, label);
    caption = classes ? label : null;
  }
  if (caption === null && table.header === 'none' && image !== null) {
    caption = wordiestColumn(table, image);
    guessed = caption !== null;
  }
  const isMore = classes || (describes && caption === answer.suffix);
  const taken = new Set([image, split, ...(isMore ? [] : [caption])].filter((name) => name !== null));
  const { columns, leftOut, separators } = fieldColumns(table, taken);
  const turns = caption !== null && holdsTurns(table, caption) && columns.every(({ name }) => !isTurnColumn(name));
  const others = turns ? [...columns, ...turnFields] : columns;
  const lack =
    image === null || (caption === null && split === null && splitOfTable(path) === null && !canBeTaught(others))
      ? lackOf(table, path, image, caption)
      : null;
  if (image === null || (lack !== null && (others.length === 0 || namesPictures(table, image, path, index) === 0)))
    throw new DatasetError('unreadable', lack ?? '');
  return { image, caption, classes, split, guessed, turns, others, separators, leftOut, lack };
}

const turnFields: readonly Column[] = [
  { name: turnColumns.question, role: 'question' },
  { name: turnColumns.answer, role: 'answer' },
];
const isTurnColumn = (name: string): boolean => turnFields.some((field) => field.name === name);

function holdsTurns({ first }: Table, caption: string): boolean {
  return first.some(({ values }) => turnsIn(values[caption]).length > 0);
}

/** True where some task takes the columns as they are, without captions. */
function canBeTaught(columns: readonly Column[]): boolean {
  const roles = new Set(columns.map(({ role }) => role));
  return roles.has('label') || roles.has('number') || (roles.has('question') && roles.has('answer'));
}

function lackOf(table: Table, path: string, image: string | null, caption: string | null): string {
  const missing = [
    image === null ? 'a column for the picture ("file_name")' : null,
    caption === null ? 'a column for the caption ("text")' : null,
  ].filter((part) => part !== null);
  const found = table.columns.length === 0 ? 'It has no header row' : `Its columns are: ${table.columns.join(', ')}`;
  return `${path} lacks ${missing.join(' and ')}. ${found}. Rename or add the column in the first row.`;
}

/** True when a first row reads like the names of columns. */
export function isHeader(cells: readonly string[]): boolean {
  return cells.some((cell) => {
    const name = plainName(cell.trim());
    return imageAliases.includes(name) || name.endsWith('_file_name') || captionAliases.includes(name);
  });
}

/** `Image Path` → `image_path`. */
const plainName = (column: string): string => column.toLowerCase().replace(/[ -]/g, '_');

function columnNamed(columns: readonly string[], aliases: readonly string[], except: string | null): string | null {
  for (const alias of aliases) {
    const column = columns.find((name) => name !== except && plainName(name) === alias);
    if (column !== undefined) return column;
  }
  return null;
}

/** What is asked (`prefix`) and answered (`suffix`) of a picture, as PaliGemma's and Florence's datasets have it. */
function answerColumn(columns: readonly string[]): { readonly prefix: string; readonly suffix: string } | null {
  const [prefix, suffix] = [columnNamed(columns, ['prefix'], null), columnNamed(columns, ['suffix'], null)];
  return prefix === null || suffix === null ? null : { prefix, suffix };
}

/** True where different questions are asked: what answers them describes no picture by itself. */
function asksSeveral({ first }: Table, column: string): boolean {
  const asked = new Set(first.flatMap(({ values }) => captionsIn(values[column])).map((text) => text.trim()));
  return asked.size > 1 && [...asked].every((text) => text.endsWith('?'));
}

function imageColumn(table: Table, path: string, index: PictureIndex): string | null {
  const usual = imageAliases.flatMap((alias) => table.columns.filter((name) => plainName(name) === alias));
  usual.push(...table.columns.filter((name) => name.toLowerCase().endsWith('_file_name')));
  const known = usual.find((column) => namesPictures(table, column, path, index) > 0);
  if (known !== undefined) return known;
  const byContent = table.columns.find((column) => namesPictures(table, column, path, index) >= 0.5);
  return byContent ?? usual[0] ?? null;
}

/** Share of a column's first filled cells that name a picture at hand. */
function namesPictures(table: Table, column: string, path: string, index: PictureIndex): number {
  const names = table.first.flatMap(({ values }) => {
    const name = pictureIn(values[column]);
    return name === '' ? [] : [name];
  });
  return names.filter((name) => index.find(name, path) !== null).length / Math.max(1, names.length);
}

/** The column whose name has a word for captions in it, by the order of those words, and that holds letters. */
function spokenColumn(table: Table, image: string | null): string | null {
  for (const word of captionWords) {
    const column = table.columns.find((name) => {
      if (name === image || [...imageAliases, ...labelAliases].includes(plainName(name))) return false;
      if (speaksOfQuestions(name)) return false;
      const words = wordsOf(name);
      return words.includes(word) && !people.some((person) => words.includes(person)) && holdsWords(table, name);
    });
    if (column !== undefined) return column;
  }
  return null;
}

/** Of a table without header, the column with the longest texts. */
function wordiestColumn(table: Table, image: string): string | null {
  const lengths = table.columns
    .filter((column) => column !== image && holdsWords(table, column))
    .map((column) => ({
      column,
      length: table.first.reduce((sum, { values }) => sum + captionsIn(values[column]).join(' ').length, 0),
    }));
  return lengths.sort((a, b) => b.length - a.length)[0]?.column ?? null;
}

/** True when most filled cells of a column have letters: no ids, scores or class numbers. */
function holdsWords(table: Table, column: string): boolean {
  const texts = table.first.flatMap(({ values }) => captionsIn(values[column]).filter((text) => text.trim() !== ''));
  return texts.filter((text) => /\p{L}/u.test(text)).length * 2 > texts.length;
}
