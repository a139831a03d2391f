import { expect, it } from 'vitest';
import { gatherChosen, gatherDropped } from './entries';

function fileEntry(fullPath: string, readable = true): FileSystemEntry {
  const entry = {
    isFile: true,
    isDirectory: false,
    fullPath,
    file(resolve: (file: File) => void, reject: (error: Error) => void) {
      if (readable) resolve(new File([fullPath], fullPath.split('/').pop() ?? ''));
      else reject(new Error('not allowed'));
    },
  };
  return entry as unknown as FileSystemEntry;
}

/** A folder that hands out at most 100 entries a call, as browsers do. */
function folderEntry(fullPath: string, children: readonly FileSystemEntry[]): FileSystemEntry {
  const entry = {
    isFile: false,
    isDirectory: true,
    fullPath,
    createReader() {
      let next = 0;
      return {
        readEntries(resolve: (entries: readonly FileSystemEntry[]) => void) {
          resolve(children.slice(next, (next += 100)));
        },
      };
    },
  };
  return entry as unknown as FileSystemEntry;
}

/** Items that are emptied when the event is over. */
function itemList(entries: readonly (FileSystemEntry | File)[]): { items: DataTransferItemList; endEvent: () => void } {
  let live = true;
  const items = entries.map((entry) => ({
    kind: 'file',
    webkitGetAsEntry: () => (live && !(entry instanceof File) ? entry : null),
    getAsFile: () => (live && entry instanceof File ? entry : null),
  }));
  return { items: items as unknown as DataTransferItemList, endEvent: () => (live = false) };
}

it('reads folders of more than a hundred entries, within folders, after the event is over', async () => {
  const many = Array.from({ length: 250 }, (_, i) => fileEntry(`/set/cats/${i}.png`));
  const { items, endEvent } = itemList([
    folderEntry('/set', [folderEntry('/set/cats', many), fileEntry('/set/metadata.csv')]),
    fileEntry('/lone.png'),
    new File(['x'], 'pasted.png'),
  ]);
  const gathering = gatherDropped(items);
  endEvent();
  const { files, unreadable } = await gathering;
  expect(unreadable).toEqual([]);
  expect(files).toHaveLength(253);
  expect(files.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['set/cats/0.png', 'set/cats/249.png', 'set/metadata.csv', 'lone.png', 'pasted.png']),
  );
});

it('names what the browser does not open and goes on', async () => {
  const { items } = itemList([fileEntry('/locked.png', false), fileEntry('/open.png')]);
  const { files, unreadable } = await gatherDropped(items);
  expect(files.map(({ path }) => path)).toEqual(['open.png']);
  expect(unreadable).toEqual([{ path: 'locked.png', reason: expect.stringContaining('could not open') as string }]);
});

it('keeps the folders of chosen files', () => {
  const chosen = Object.defineProperty(new File([''], 'a.png'), 'webkitRelativePath', { value: 'set/a.png' });
  expect(gatherChosen([chosen, new File([''], 'b.png')]).files.map(({ path }) => path)).toEqual(['set/a.png', 'b.png']);
});
