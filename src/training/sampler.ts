import { createRandom, mixSeed, shuffled } from './random';

/** One pair of a picture and a caption, as far as batching is concerned. Keys are equal exactly where picture or caption are. */
export interface PairKeys {
  readonly imageKey: number;
  readonly textKey: number;
}

export interface BatchPlan {
  readonly stepsPerEpoch: number;
  /** Rows of the compiled step; a batch holds this many pairs or one fewer. */
  readonly batchSize: number;
}

/**
 * How many batches an epoch has and how large they are. The pairs are spread evenly: their number is the one that the wanted size asks for,
 * but instead of a short last batch (whose loss lies lower, since the floor of a contrastive loss is `ln batchSize`) all shrink alike.
 */
export function planBatches(pairs: number, wanted: number): BatchPlan {
  const stepsPerEpoch = Math.max(1, Math.ceil(pairs / wanted));
  return { stepsPerEpoch, batchSize: Math.ceil(pairs / stepsPerEpoch) };
}

/** How far ahead the sampler looks for a pair that does not clash, in batches. */
const lookAhead = 8;

/**
 * The batches of one epoch: every pair once, in an order that depends on nothing but the seed and the epoch, so that a resumed run sees the
 * same batches. Pairs of one picture, or with one caption, go to different batches as far as possible (they would be false negatives;
 * the loss masks those that remain).
 *
 * @returns indices into `pairs`; batch sizes differ by one at most
 */
export function epochBatches(
  pairs: readonly PairKeys[],
  plan: BatchPlan,
  seed: number,
  epoch: number,
): readonly (readonly number[])[] {
  const random = createRandom(mixSeed(seed, epoch));
  let queue = shuffled(
    pairs.map((_, index) => index),
    random,
  );
  const { stepsPerEpoch } = plan;
  const batches: number[][] = [];
  for (let number = 0; number < stepsPerEpoch; number++) {
    const size = Math.ceil(queue.length / (stepsPerEpoch - number));
    const { batch, rest } = takeDistinct(pairs, queue, size);
    batches.push(batch);
    queue = rest;
  }
  return shuffled(batches, random);
}

/** Takes `size` indices from the front of the queue, stepping over pairs that clash with the batch while others are in reach. */
function takeDistinct(
  pairs: readonly PairKeys[],
  queue: readonly number[],
  size: number,
): { batch: number[]; rest: number[] } {
  const reach = Math.min(queue.length, size * lookAhead);
  const images = new Set<number>();
  const texts = new Set<number>();
  const batch: number[] = [];
  const passed: number[] = [];
  let position = 0;
  for (; position < reach && batch.length < size; position++) {
    const index = queue[position] as number;
    const { imageKey, textKey } = pairs[index] as PairKeys;
    if (images.has(imageKey) || texts.has(textKey)) {
      passed.push(index);
    } else {
      images.add(imageKey);
      texts.add(textKey);
      batch.push(index);
    }
  }
  batch.push(...passed.splice(0, size - batch.length));
  return { batch, rest: [...passed, ...queue.slice(position)] };
}
