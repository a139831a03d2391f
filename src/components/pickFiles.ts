/** A file with its place below what was dropped or chosen: `shoes/red/01.jpg`. */
export interface PickedFile {
  readonly path: string;
  readonly file: File;
}

/** Files of an `<input type="file">`; one with `webkitdirectory` gives paths below the chosen folder's name. */
export function filesFromInput(list: FileList): readonly PickedFile[] {
  return Array.from(list, (file) => ({
    path: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath,
    file,
  }));
}

/**
 * All files of a drop, folders walked to their end. Must be called in the drop event: the browser empties the transfer after it.
 *
 * @throws Error naming what could not be read; a half-read folder would be worse than none
 */
export async function filesFromDrop(transfer: DataTransfer): Promise<readonly PickedFile[]> {
  const entries = Array.from(transfer.items)
    .filter(({ kind }) => kind === 'file')
    .map((item) => item.webkitGetAsEntry() ?? item.getAsFile())
    .filter((entry) => entry !== null);
  const found: PickedFile[] = [];
  for (const entry of entries) {
    if (entry instanceof File) found.push({ path: entry.name, file: entry });
    else await walk(entry, found);
  }
  return found;
}

async function walk(entry: FileSystemEntry, found: PickedFile[]): Promise<void> {
  const path = entry.fullPath.replace(/^\//, '');
  try {
    if (entry.isFile) {
      const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
      found.push({ path, file });
      return;
    }
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    // A reader gives at most a hundred entries at a time, and an empty list when it is done.
    for (let batch = await readBatch(reader); batch.length > 0; batch = await readBatch(reader)) {
      for (const child of batch) await walk(child, found);
    }
  } catch (cause) {
    if (cause instanceof Error && cause.message.startsWith('“')) throw cause;
    throw new Error(`“${path}” could not be read. Check that it is still there and may be opened, and drop it again.`, {
      cause,
    });
  }
}

function readBatch(reader: FileSystemDirectoryReader): Promise<readonly FileSystemEntry[]> {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject));
}

/** A name for what was picked: the folder or the file that all share, else the given one. */
export function nameOfPick(files: readonly PickedFile[], fallback: string): string {
  const tops = new Set(files.map(({ path }) => path.split('/')[0] ?? path));
  const [top] = tops;
  if (tops.size !== 1 || top === undefined) return fallback;
  const isFile = files.length === 1 && files[0]?.path === top;
  const name = isFile ? top.replace(/\.[^.]+$/, '') : top;
  return name.replace(/[-_]+/g, ' ').trim() || fallback;
}
