/**
 * What is chosen on validation samples once a head is trained: a temperature by which its logits are divided, so that its probabilities are as often right
 * as they say (Guo et al. 2017, arXiv 1706.04599), and from which probability on a label is said.
 */

/** Temperatures that are looked for. */
const coldest = 0.02;
const hottest = 50;

/**
 * The temperature at which a loss is least, by golden-section search over its logarithm, in which negative log-likelihoods have one minimum.
 *
 * @param loss mean negative log-likelihood with all logits divided by a temperature
 */
export function bestTemperature(loss: (temperature: number) => number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  const at = (log: number): number => loss(Math.exp(log));
  let [low, high] = [Math.log(coldest), Math.log(hottest)];
  let [left, right] = [high - ratio * (high - low), low + ratio * (high - low)];
  let [ofLeft, ofRight] = [at(left), at(right)];
  while (high - low > 1e-5) {
    if (ofLeft <= ofRight) {
      [high, right, ofRight] = [right, left, ofLeft];
      left = high - ratio * (high - low);
      ofLeft = at(left);
    } else {
      [low, left, ofLeft] = [left, right, ofRight];
      right = low + ratio * (high - low);
      ofRight = at(right);
    }
  }
  return Math.exp((low + high) / 2);
}

/**
 * The probability from which on a label is said, such that F1 is highest on some samples: halfway between two probabilities that occur. Of several that are
 * equally good, the one nearest to one half. One half where no sample has the label.
 */
export function bestThreshold(probabilities: ArrayLike<number>, wanted: ArrayLike<boolean>): number {
  const order = Array.from({ length: probabilities.length }, (_, index) => index).sort(
    (a, b) => probabilities[b]! - probabilities[a]!,
  );
  const support = order.reduce((sum, index) => sum + Number(wanted[index]), 0);
  if (support === 0) return 0.5;
  let best = { f1: -1, threshold: 0.5 };
  let right = 0;
  order.forEach((index, place) => {
    right += Number(wanted[index]);
    const here = probabilities[index]!;
    const next = place + 1 < order.length ? probabilities[order[place + 1]!]! : 0;
    if (next === here) return;
    const f1 = (2 * right) / (place + 1 + support);
    const threshold = (here + next) / 2;
    const nearer = Math.abs(threshold - 0.5) < Math.abs(best.threshold - 0.5);
    if (f1 > best.f1 + 1e-12 || (f1 > best.f1 - 1e-12 && nearer)) best = { f1, threshold };
  });
  return best.threshold;
}

export function sigmoid(z: number): number {
  return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z));
}
