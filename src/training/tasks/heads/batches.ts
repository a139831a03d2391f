import type { BatchPlan } from '../../data/sampler';
import { createRandom, mixSeed, shuffled } from '../../random';

/**
 * The batches of an epoch: every picture once, in an order that depends on nothing but the seed and the epoch. Stratified ones hold the classes
 * in the shares that they have in all: the pictures of a class are spread evenly over the epoch.
 *
 * @param targets the class of each picture
 * @returns indices into `targets`; batch sizes differ by one at most
 */
export function labelBatches(
  targets: readonly number[],
  { stepsPerEpoch }: Pick<BatchPlan, 'stepsPerEpoch'>,
  order: 'shuffled' | 'stratified',
  seed: number,
  epoch: number,
): readonly (readonly number[])[] {
  const random = createRandom(mixSeed(seed, epoch));
  const drawn = shuffled([...targets.keys()], random);
  const queue = order === 'shuffled' ? drawn : spreadByClass(drawn, targets, random);
  return Array.from({ length: stepsPerEpoch }, (_, step) =>
    queue.slice(
      Math.floor((step * queue.length) / stepsPerEpoch),
      Math.floor(((step + 1) * queue.length) / stepsPerEpoch),
    ),
  );
}

function spreadByClass(drawn: readonly number[], targets: readonly number[], random: () => number): readonly number[] {
  const ofClass = new Map<number, number[]>();
  for (const index of drawn) {
    const target = targets[index] ?? 0;
    const list = ofClass.get(target) ?? [];
    ofClass.set(target, list);
    list.push(index);
  }
  return [...ofClass.values()]
    .flatMap((list) => list.map((index, place) => ({ index, place: (place + random()) / list.length })))
    .sort((a, b) => a.place - b.place)
    .map(({ index }) => index);
}
