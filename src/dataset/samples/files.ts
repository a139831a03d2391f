import { encode } from 'fast-png';
import { madeSource, type SourceFile } from '../source';

/** A picture of a generated dataset: what its line of `metadata.jsonl` says besides the file's name, and how it is drawn. */
export interface GeneratedPicture {
  readonly about: Readonly<Record<string, unknown>>;
  /** RGBA bytes of the whole picture. */
  readonly draw: () => Uint8ClampedArray;
}

/**
 * A generated dataset as files of an import: one PNG a picture, `side` × `side`, and the `metadata.jsonl`. A picture is drawn when it
 * is first read.
 */
export function generatedFiles(pictures: readonly GeneratedPicture[], side: number): SourceFile[] {
  const digits = String(pictures.length).length;
  const paths = pictures.map((_, i) => `images/${String(i + 1).padStart(digits, '0')}.png`);
  const lines = pictures.map(({ about }, i) => JSON.stringify({ file_name: paths[i], ...about }));
  const metadata = new TextEncoder().encode(lines.join('\n') + '\n');
  return [
    madeSource('metadata.jsonl', metadata.length, () => Promise.resolve(metadata)),
    ...pictures.map(({ draw }, i) => new DrawnPicture(paths[i]!, side, draw)),
  ];
}

/** A picture's size is only known when it is drawn, and drawing it is most of the work: it is kept from then on. */
class DrawnPicture implements SourceFile {
  private bytes: Uint8Array<ArrayBuffer> | undefined;

  constructor(
    readonly path: string,
    private readonly side: number,
    private readonly draw: () => Uint8ClampedArray,
  ) {}

  get size(): number {
    return this.encoded().length;
  }

  read(): Promise<Uint8Array<ArrayBuffer>> {
    return Promise.resolve(this.encoded());
  }

  async *pieces(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    yield await this.read();
  }

  private encoded(): Uint8Array<ArrayBuffer> {
    const { side } = this;
    this.bytes ??= new Uint8Array(encode({ width: side, height: side, channels: 4, depth: 8, data: this.draw() }));
    return this.bytes;
  }
}
