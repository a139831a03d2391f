import { EngineError, type Inference } from '../../../engine/executor';
import { GraphBuilder } from '../../../engine/graph/builder';
import { linear } from '../../../engine/ops/linear/node';
import type { Graph } from '../../../engine/graph/ir';
import { directionRanks, retrievalRanks, rightCounts, type Ranks, type RetrievalSet } from './retrieval';
import { RightAnswers } from './right-answers';
import type { RankDevice } from '../../features/tower';

/** Most pictures and captions of a tile: 8 MiB of scores, and little enough work that messages and training get their turn in between. */
const mostRows = 1024;
const mostColumns = 2048;
/** Tiles come in multiples of this, which every product kernel cuts evenly: all of their scores are then summed in the same order. */
const granularity = 64;
/** Tiles with right answers whose scores are kept from the first pass to the second: 64 MiB. */
const keptTiles = 8;

/** Multiplications above which scores are worth computing on the engine: below, plain JavaScript takes less time than a WebGPU kernel to compile. */
const worthwhile = 2e8;

/** Lends a device for as long as `work` takes. */
export type BorrowDevice = <T>(work: (device: RankDevice) => Promise<T>) => Promise<T>;

/** Whether `engineRanks` is faster than `retrievalRanks`. */
export function isWorthEngine({ images, captions, width }: RetrievalSet): boolean {
  return (images.length * captions.length) / width >= worthwhile;
}

/**
 * Ranks as `retrievalRanks` gives them, in the way that takes least time. Where the device has no room for the scores, plain JavaScript computes them.
 *
 * @param borrow asked only where it is worth it; null: there is no device
 */
export async function findRanks(
  set: RetrievalSet,
  borrow: BorrowDevice | null,
  pause?: () => Promise<void>,
): Promise<Ranks> {
  if (borrow === null || !isWorthEngine(set)) return retrievalRanks(set, pause);
  try {
    return await borrow((device) => engineRanks(device, set, pause));
  } catch (error) {
    if (error instanceof EngineError && (error.code === 'out-of-memory' || error.code === 'limit')) {
      return retrievalRanks(set, pause);
    }
    throw error;
  }
}

/**
 * What `retrievalRanks` computes, with the scores computed by the engine, tile by tile. Scores are float32, all from one kernel: equal features have
 * equal scores, and a right answer is compared with the very score that it gets as an answer.
 *
 * @param device shared with others, who get their turn between tiles
 * @param pause called between tiles; awaiting it lets messages in, and throwing in it ends the computation
 * @throws EngineError where the device fails, `not-finite` where scores are not finite
 */
export async function engineRanks(device: RankDevice, set: RetrievalSet, pause?: () => Promise<void>): Promise<Ranks> {
  const scores = await ScoreTiles.create(device, set);
  try {
    return await ranksFrom(scores, set, pause);
  } finally {
    await scores.dispose();
  }
}

async function ranksFrom(
  scores: ScoreTiles,
  { captionsOf }: RetrievalSet,
  pause: (() => Promise<void>) | undefined,
): Promise<Ranks> {
  const { rows, columns, imageCount, captionCount } = scores;
  const counts = rightCounts(captionsOf, captionCount);
  const imageToText = new RightAnswers(counts.imageToText);
  const textToImage = new RightAnswers(counts.textToImage);
  const kept = new Map<number, Float32Array>();
  for (const tile of scores.tiles) {
    const right = rightOf(tile, captionsOf, scores);
    if (right.length === 0) continue;
    await pause?.();
    const values = await scores.compute(tile);
    if (kept.size < keptTiles) kept.set(tile.index, values);
    for (const { image, caption } of right) {
      const score = values[(image - tile.top) * columns + caption - tile.left] ?? NaN;
      if (!Number.isFinite(score)) {
        throw new EngineError('not-finite', 'Similarities are not finite. A kernel failed on this adapter.');
      }
      imageToText.add(image, score);
      textToImage.add(caption, score);
    }
  }
  imageToText.order();
  textToImage.order();
  const firstCaption = new Int32Array(imageCount);
  const firstScore = new Float32Array(imageCount).fill(-Infinity);
  for (const tile of scores.tiles) {
    await pause?.();
    const values = kept.get(tile.index) ?? (await scores.compute(tile));
    const { top, left } = tile;
    const width = Math.min(columns, captionCount - left);
    const lowestOfColumn = textToImage.lowest.subarray(left, left + width);
    for (let image = top; image < Math.min(top + rows, imageCount); image++) {
      const from = (image - top) * columns;
      const lowest = imageToText.lowest[image] as number;
      let first = firstScore[image] as number;
      for (let column = 0; column < width; column++) {
        const score = values[from + column] as number;
        if (score >= lowest) imageToText.count(image, score);
        if (score >= (lowestOfColumn[column] as number)) textToImage.count(left + column, score);
        if (score > first) {
          first = score;
          firstCaption[image] = left + column;
        }
      }
      firstScore[image] = first;
    }
    // Right answers were counted with the wrong ones, which spares a look-up for each score.
    for (const { image, caption } of rightOf(tile, captionsOf, scores)) {
      const score = values[(image - top) * columns + caption - left] as number;
      imageToText.count(image, score, -1);
      textToImage.count(caption, score, -1);
    }
  }
  return {
    imageToText: directionRanks(imageToText.places()),
    textToImage: directionRanks(textToImage.places()),
    firstCaption,
  };
}

/** Where a tile of scores begins. */
interface ScoreTile {
  readonly index: number;
  /** Its first picture and first caption. */
  readonly top: number;
  readonly left: number;
}

interface TileSize {
  readonly rows: number;
  readonly columns: number;
}

/** The pairs of a picture and a caption of its own in a tile, each once. */
function rightOf(
  { top, left }: ScoreTile,
  captionsOf: RetrievalSet['captionsOf'],
  { rows, columns }: TileSize,
): readonly { readonly image: number; readonly caption: number }[] {
  return captionsOf.slice(top, top + rows).flatMap((own, row) =>
    [...new Set(own)].flatMap((caption) => {
      return caption >= left && caption < left + columns ? [{ image: top + row, caption }] : [];
    }),
  );
}

const inputs = { images: 'images', captions: 'captions' } as const;

/** Scores of pictures and captions, computed tile by tile; past the last picture or caption a tile holds zeros. */
class ScoreTiles implements TileSize {
  readonly imageCount: number;
  readonly captionCount: number;
  readonly tiles: readonly ScoreTile[];

  private constructor(
    private readonly lock: RankDevice['lock'],
    private readonly set: RetrievalSet,
    readonly rows: number,
    readonly columns: number,
    private readonly inference: Inference,
    private readonly release: () => void,
  ) {
    this.imageCount = set.captionsOf.length;
    this.captionCount = set.captions.length / set.width;
    const starts = (count: number, step: number): readonly number[] =>
      Array.from({ length: Math.ceil(count / step) }, (_, index) => index * step);
    const places = starts(this.imageCount, rows).flatMap((top) =>
      starts(this.captionCount, columns).map((left) => ({ top, left })),
    );
    this.tiles = places.map((place, index) => ({ index, ...place }));
  }

  static async create({ executor, lock }: RankDevice, set: RetrievalSet): Promise<ScoreTiles> {
    const { captions, captionsOf, width } = set;
    const rows = Math.min(mostRows, roundedUp(captionsOf.length));
    const columns = Math.min(mostColumns, roundedUp(captions.length / width));
    return lock.run(async () => {
      const store = await executor.createStore([], new Map());
      try {
        const inference = await executor.compile(scoreGraph(rows, columns, width), store);
        const release = (): void => {
          inference.dispose();
          store.dispose();
        };
        return new ScoreTiles(lock, set, rows, columns, inference, release);
      } catch (error) {
        store.dispose();
        throw error;
      }
    });
  }

  /** `[rows, columns]`. */
  async compute({ top, left }: ScoreTile): Promise<Float32Array> {
    const { images, captions, width } = this.set;
    const data = {
      [inputs.images]: padded(images, top, this.rows, width),
      [inputs.captions]: padded(captions, left, this.columns, width),
    };
    const { scores } = await this.lock.run(() => this.inference.run(data));
    return scores ?? new Float32Array();
  }

  dispose(): Promise<void> {
    return this.lock.run(() => Promise.resolve(this.release()));
  }
}

function scoreGraph(rows: number, columns: number, width: number): Graph {
  const builder = new GraphBuilder();
  const images = builder.input(inputs.images, 'f32', [rows, width]);
  const captions = builder.input(inputs.captions, 'f32', [columns, width]);
  return builder.build({ scores: linear(builder, images, captions) });
}

/** `rows` rows from row `from` on, zeros where there are fewer. */
function padded(features: Float32Array, from: number, rows: number, width: number): Float32Array {
  const part = features.subarray(from * width, (from + rows) * width);
  if (part.length === rows * width) return part;
  const result = new Float32Array(rows * width);
  result.set(part);
  return result;
}

function roundedUp(count: number): number {
  return Math.max(1, Math.ceil(count / granularity)) * granularity;
}
