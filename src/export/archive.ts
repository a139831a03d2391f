import { configure, ZipWriter } from '@zip.js/zip.js';
import type { SourceFile } from '../dataset/source';
import { openZip } from '../dataset/zip';
import { mismatch } from './errors';
import type { ExportFile } from './export-file';

/**
 * Exports as zips: packed while the files are being made, and opened again as somebody else would. Neither has a whole file of weights in memory.
 */

configure({ useWebWorkers: false });

/**
 * Packs files into a zip while they are read. Weights are stored as they are, text is deflated. What is done goes into blobs of bounded size, which
 * browsers keep outside of the page's memory, on disk where they are large.
 *
 * @throws what a file throws while it is read
 */
export async function packZip(files: Iterable<ExportFile>, createdAt: number): Promise<Blob> {
  const packed = new BlobBuilder();
  const writer = new ZipWriter(packed.writable, { lastModDate: new Date(createdAt) });
  for (const { name, pieces, compress } of files) await writer.add(name, streamOf(pieces), { level: compress ? 6 : 0 });
  await writer.close();
  return packed.finish('application/zip');
}

/** Bytes of what is written that are in memory before they become a blob. */
const sealedBytes = 16 * 2 ** 20;

/** Gathers what is written into one blob. */
class BlobBuilder {
  private readonly parts: Blob[] = [];
  private chunks: Uint8Array<ArrayBuffer>[] = [];
  private bytes = 0;

  readonly writable = new WritableStream<Uint8Array<ArrayBuffer>>({
    write: (chunk) => {
      this.chunks.push(chunk);
      this.bytes += chunk.length;
      if (this.bytes >= sealedBytes) this.seal();
    },
  });

  finish(type: string): Blob {
    this.seal();
    return new Blob(this.parts, { type });
  }

  private seal(): void {
    this.parts.push(new Blob(this.chunks));
    this.chunks = [];
    this.bytes = 0;
  }
}

/** Pieces as a stream that asks for one when it needs it. */
function streamOf(pieces: ExportFile['pieces']): ReadableStream<Uint8Array> {
  const iterator = Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await iterator.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

/** An export as somebody finds it who unpacks it. */
export interface Archive {
  /** A file by its name; null where there is none. Its pieces may be read without the whole of it being in memory. */
  entry(name: string): SourceFile | null;
  close(): Promise<void>;
}

/** @throws ExportError `mismatch`, or DatasetError, where the zip cannot be read */
export async function openArchive(zip: Blob): Promise<Archive> {
  const folder = 'export';
  // The limits of dropped zips are for strangers' files; weights may be larger.
  const limits = { entries: 100, entryBytes: 16e9, totalBytes: 16e9, ratio: Number.POSITIVE_INFINITY };
  const opened = await openZip(`${folder}.zip`, zip, limits);
  const [refused] = opened.rejected;
  if (refused !== undefined) {
    await opened.close();
    throw mismatch(`it cannot be read back: ${refused.reason}`);
  }
  const entries = new Map(opened.files.map((file) => [file.path.slice(folder.length + 1), file]));
  return { entry: (name) => entries.get(name) ?? null, close: () => opened.close() };
}
