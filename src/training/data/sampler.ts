import { createRandom, mixSeed, shuffled } from '../random';

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
  const queue = new Queue(
    shuffled(
      pairs.map((_, index) => index),
      random,
    ),
  );
  const { stepsPerEpoch } = plan;
  const batches: number[][] = [];
  for (let number = 0; number < stepsPerEpoch; number++) {
    batches.push(takeDistinct(pairs, queue, Math.ceil(queue.length / (stepsPerEpoch - number))));
  }
  return shuffled(batches, random);
}

/** Pairs in their order. Taking one out of the middle costs the same however many follow, so that an epoch of 50,000 pairs is drawn in a moment. */
class Queue {
  /** Place of the item after each, as a linked list from 0; items are counted from 1, and 0 is its end too. */
  private readonly next: Int32Array;
  length: number;

  constructor(private readonly items: readonly number[]) {
    this.length = items.length;
    this.next = Int32Array.from({ length: items.length + 1 }, (_, place) => (place < items.length ? place + 1 : 0));
  }

  /** Offers up to `reach` items from the front on and takes out those that are wanted, until `count` are. */
  take(reach: number, count: number, wanted: (item: number) => boolean): number[] {
    const taken: number[] = [];
    let before = 0;
    for (let offered = 0; offered < reach && taken.length < count; offered++) {
      const place = this.next[before] ?? 0;
      if (place === 0) break;
      const item = this.items[place - 1] as number;
      if (wanted(item)) {
        taken.push(item);
        this.next[before] = this.next[place] ?? 0;
      } else {
        before = place;
      }
    }
    this.length -= taken.length;
    return taken;
  }
}

/** Takes `size` indices from the front of the queue, stepping over pairs that clash with the batch while others are in reach. */
function takeDistinct(pairs: readonly PairKeys[], queue: Queue, size: number): number[] {
  const images = new Set<number>();
  const texts = new Set<number>();
  const batch = queue.take(size * lookAhead, size, (index) => {
    const { imageKey, textKey } = pairs[index] as PairKeys;
    if (images.has(imageKey) || texts.has(textKey)) return false;
    images.add(imageKey);
    texts.add(textKey);
    return true;
  });
  const rest = size - batch.length;
  return [...batch, ...queue.take(rest, rest, () => true)];
}
