import { describe, expect, it } from 'vitest';
import { filesFromDrop, nameOfPick } from './pickFiles';

/** Folders as the browser gives them: at most 100 entries a read. */
function folder(path: string, children: readonly FileSystemEntry[]): FileSystemEntry {
  return {
    isFile: false,
    isDirectory: true,
    fullPath: `/${path}`,
    createReader() {
      let at = 0;
      return {
        readEntries(give: (entries: readonly FileSystemEntry[]) => void) {
          give(children.slice(at, at + 100));
          at += 100;
        },
      };
    },
  } as unknown as FileSystemEntry;
}

function file(path: string): FileSystemEntry {
  return {
    isFile: true,
    fullPath: `/${path}`,
    file: (give: (file: File) => void) => give(new File(['x'], path)),
  } as unknown as FileSystemEntry;
}

const drop = (...entries: readonly FileSystemEntry[]) =>
  ({ items: entries.map((entry) => ({ kind: 'file', webkitGetAsEntry: () => entry })) }) as unknown as DataTransfer;

describe('filesFromDrop', () => {
  it('walks folders of more than 100 entries, and folders in folders', async () => {
    const many = Array.from({ length: 250 }, (_, index) => file(`a/b/${index}.png`));
    const found = await filesFromDrop(drop(folder('a', [file('a/list.csv'), folder('a/b', many)]), file('c.zip')));
    expect(found).toHaveLength(252);
    expect(found.map(({ path }) => path)).toEqual(expect.arrayContaining(['a/list.csv', 'a/b/249.png', 'c.zip']));
  });

  it('names what could not be read instead of leaving it out', async () => {
    const broken = {
      isFile: true,
      fullPath: '/a/locked.png',
      file: (_: unknown, fail: (error: Error) => void) => fail(new Error('NotReadableError')),
    } as unknown as FileSystemEntry;
    await expect(filesFromDrop(drop(folder('a', [file('a/1.png'), broken])))).rejects.toThrow('“a/locked.png”');
  });
});

describe('nameOfPick', () => {
  const named = (...paths: readonly string[]) =>
    nameOfPick(
      paths.map((path) => ({ path, file: new File([], path) })),
      'pictures',
    );

  it('takes the common folder or the one file', () => {
    expect(named('red_shoes/1.png', 'red_shoes/x/2.png')).toBe('red shoes');
    expect(named('shoes.zip')).toBe('shoes');
    expect(named('1.png', '2.png')).toBe('pictures');
    expect(named()).toBe('pictures');
  });
});
