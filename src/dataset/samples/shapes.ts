import { encode } from 'fast-png';
import { madeSource, type SourceFile } from '../source';
import { seededRandom } from './drawing';
import { describeScene, drawScene, factsOf, randomScenes, type Scene } from './scenes';

/**
 * The generated sample, coloured shapes in relations, as files of an import: one PNG a picture and the `metadata.jsonl` with
 * the captions, the form of the upper or left thing as the label, and how many of the two are large. A picture is drawn when it is first read. The same
 * options give the same bytes.
 */
export function shapesFiles({ count = 1200, seed = 1, side = 96 }: ShapesOptions = {}): SourceFile[] {
  const scenes = randomScenes(count, seededRandom(seed));
  const digits = String(count).length;
  const paths = scenes.map((_, i) => `images/${String(i + 1).padStart(digits, '0')}.png`);
  const lines = scenes.map((scene, i) => {
    const { label, large } = factsOf(scene);
    return JSON.stringify({ file_name: paths[i], text: describeScene(scene), label, large_count: large });
  });
  const metadata = new TextEncoder().encode(lines.join('\n') + '\n');
  return [
    madeSource('metadata.jsonl', metadata.length, () => Promise.resolve(metadata)),
    ...scenes.map((scene, i) => new ScenePicture(paths[i]!, scene, side, seed * 65_537 + i)),
  ];
}

export interface ShapesOptions {
  /** How many pictures; all captions differ. At most about 15,000 scenes exist, so stay well below. */
  readonly count?: number;
  readonly seed?: number;
  /** Pixels a side. */
  readonly side?: number;
}

/** A picture's size is only known when it is drawn, and drawing it is most of the work: it is kept from then on. */
class ScenePicture implements SourceFile {
  private bytes: Uint8Array<ArrayBuffer> | undefined;

  constructor(
    readonly path: string,
    private readonly scene: Scene,
    private readonly side: number,
    private readonly seed: number,
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
    this.bytes ??= new Uint8Array(
      encode({
        width: side,
        height: side,
        channels: 4,
        depth: 8,
        data: drawScene(this.scene, side, seededRandom(this.seed)),
      }),
    );
    return this.bytes;
  }
}
