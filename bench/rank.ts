import type { Executor } from '../src/engine/executor';
import { DeviceLock } from '../src/training/device-lock';
import { retrievalRanks, type Ranks, type RetrievalSet } from '../src/training/tasks/contrastive/retrieval';
import { engineRanks } from '../src/training/tasks/contrastive/similarity';
import type { Report } from './harness';
import type { RankOptions, RankResult } from './rank-options';

/** Times the ranks of an evaluation on an executor and in plain JavaScript. Owns the executor. */
export async function benchmarkRanks(executor: Executor, options: RankOptions, report: Report): Promise<RankResult> {
  const set = features(options);
  const device = { executor, lock: new DeviceLock() };
  const times: number[] = [];
  let found: Ranks | null = null;
  for (let run = 0; run <= runs; run++) {
    const start = performance.now();
    found = await engineRanks(device, set);
    times.push(performance.now() - start);
    report(`on ${executor.description}: ${times[run]?.toFixed(0)} ms`);
  }
  const start = performance.now();
  const plain = await retrievalRanks(set);
  const plainMs = performance.now() - start;
  report(`in plain JavaScript: ${plainMs.toFixed(0)} ms`);
  const [firstMs = NaN, ...others] = times;
  const ms = Math.min(...others);
  const adapter = executor.description;
  const different =
    differences(found?.imageToText.best, plain.imageToText.best) +
    differences(found?.textToImage.best, plain.textToImage.best);
  executor.dispose();
  return { ...options, adapter, firstMs, ms, plainMs, ratio: plainMs / ms, different };
}

const runs = 3;

function differences(found: Int32Array | undefined, expected: Int32Array): number {
  return expected.reduce((sum, rank, index) => sum + (found?.[index] === rank ? 0 : 1), 0);
}

/** Random unit vectors, a caption near each picture. */
function features({ pairs, width }: RankOptions): RetrievalSet {
  const images = new Float32Array(pairs * width);
  const captions = new Float32Array(pairs * width);
  let state = 1;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  for (let row = 0; row < pairs; row++) {
    const image = images.subarray(row * width, (row + 1) * width);
    const caption = captions.subarray(row * width, (row + 1) * width);
    for (let i = 0; i < width; i++) {
      image[i] = random();
      caption[i] = (image[i] ?? 0) / 8 + random();
    }
    for (const vector of [image, caption]) {
      const norm = Math.hypot(...vector);
      for (let i = 0; i < width; i++) vector[i] = (vector[i] ?? 0) / norm;
    }
  }
  return { images, captions, width, captionsOf: Array.from({ length: pairs }, (_, row) => [row]) };
}
