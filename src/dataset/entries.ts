import type { GivenFile } from './source';
import type { Rejection } from './types';

/** What a drop or a file chooser gave: the files, and those that the browser would not open. */
export interface Gathered {
  readonly files: readonly GivenFile[];
  readonly unreadable: readonly Rejection[];
}

/**
 * Reads dropped files and folders, folders with all that is in them. Call it within the drop event and before anything is awaited: the browser
 * empties the item list as soon as the event handler returns.
 */
export function gatherDropped(
  items: Iterable<Pick<DataTransferItem, 'kind' | 'webkitGetAsEntry' | 'getAsFile'>>,
): Promise<Gathered> {
  const entries: FileSystemEntry[] = [];
  const files: GivenFile[] = [];
  for (const item of items) {
    if (item.kind !== 'file') continue;
    const entry = item.webkitGetAsEntry();
    const file = entry === null ? item.getAsFile() : null;
    if (entry !== null) entries.push(entry);
    else if (file !== null) files.push({ path: file.name, file });
  }
  return walk(entries, files);
}

/** Files of an `<input type="file">`, with their folders where `webkitdirectory` was set. */
export function gatherChosen(list: Iterable<File>): Gathered {
  const files = [...list].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
  return { files, unreadable: [] };
}

/** Walks entry trees breadth first; a file or folder that cannot be opened is noted and the walk goes on. */
async function walk(roots: readonly FileSystemEntry[], files: GivenFile[]): Promise<Gathered> {
  const unreadable: Rejection[] = [];
  const queue = [...roots];
  for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) {
    const path = entry.fullPath.replace(/^\//, '');
    try {
      if (isDirectory(entry)) queue.push(...(await readAllEntries(entry.createReader())));
      else if (isFile(entry)) files.push({ path, file: await fileOf(entry) });
    } catch {
      unreadable.push({ path, reason: 'The browser could not open it. Check that you may read it, and add it again.' });
    }
  }
  return { files, unreadable };
}

/** `readEntries` gives at most 100 entries a call; an empty answer is the end. */
async function readAllEntries(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}
