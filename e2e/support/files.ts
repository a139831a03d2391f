import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipReader, ZipWriter } from '@zip.js/zip.js';

/** Files by path. */
export type Files = Readonly<Record<string, Uint8Array | string>>;

const bytesOf = (content: Uint8Array | string): Uint8Array<ArrayBuffer> =>
  typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(content);

/** Folders of this process; they go with it, since a browser may read what it was given until its test ends. */
const temporary: string[] = [];

process.once('exit', () => {
  for (const folder of temporary) rmSync(folder, { recursive: true, force: true });
});

/** The path of a new, empty folder that is gone after the tests. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vernier-'));
  temporary.push(folder);
  return folder;
}

/** Writes the files into a new folder and returns its path. */
export async function folderOf(files: Files, name = 'pictures'): Promise<string> {
  const folder = join(temporaryFolder(), name);
  for (const [path, content] of Object.entries(files)) {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, bytesOf(content));
  }
  return folder;
}

/** The files as a zip. */
export async function zipOf(files: Files): Promise<Buffer> {
  const zip = new ZipWriter(new Uint8ArrayWriter());
  for (const [path, content] of Object.entries(files)) await zip.add(path, new Uint8ArrayReader(bytesOf(content)));
  return Buffer.from(await zip.close());
}

/** The files in a zip. */
export async function unzip(zip: Uint8Array): Promise<Map<string, Uint8Array>> {
  const reader = new ZipReader(new Uint8ArrayReader(zip));
  const files = new Map<string, Uint8Array>();
  for (const entry of await reader.getEntries()) {
    if (!entry.directory) files.set(entry.filename, await entry.getData(new Uint8ArrayWriter()));
  }
  await reader.close();
  return files;
}
