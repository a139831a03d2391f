import { lossMetric } from '../tasks/metrics';
import { taskOf } from '../tasks';
import { firstNotFinite, lowestPlace, meanOver } from './curve';
import type { Evidence } from './evidence';
import { rateFix, type Advice } from './note';

/** What curves give away. */

/** Fewest steps by which a curve says anything. */
const fewestSteps = 8;
/** …and by which it does while the run goes on, when the rate may still be rising. */
const fewestYet = 48;
/** Evaluations without a better validation loss after which it counts as turned. */
const patience = 4;

export function adviceOnCurves(evidence: Evidence): readonly Advice[] {
  const diverged = rateTooHigh(evidence);
  const collapsed = collapse(evidence);
  if (diverged !== null) return [diverged, ...present(collapsed)];
  const low = rateTooLow(evidence);
  return [
    ...present(collapsed),
    ...present(low ?? underfitting(evidence)),
    ...present(overfitting(evidence) ?? flat(evidence)),
    ...present(temperature(evidence)),
  ];
}

function present(advice: Advice | null): readonly Advice[] {
  return advice === null ? [] : [advice];
}

/** The training loss is no number any more, or has gone up and not come down to where it began. */
function rateTooHigh(evidence: Evidence): Advice | null {
  const { loss } = evidence;
  const action = rateFix(evidence, 0.1);
  const place = firstNotFinite(loss);
  if (place >= 0) {
    return {
      id: 'rate-high',
      title: 'The learning rate is too high: training has diverged',
      reason: `The loss is no number since step ${place + 1}.`,
      action,
      stop: true,
    };
  }
  if (loss.length < (evidence.over ? 2 * fewestSteps : fewestYet)) return null;
  if (hasDied(evidence)) {
    return {
      id: 'rate-high',
      title: 'The learning rate is too high: the model has stopped learning',
      reason: `The gradients have all but vanished while the loss stands at ${meanOver(loss, 0.8, 1).toFixed(2)}: steps were so large that nothing passes through the model any more.`,
      action,
      stop: true,
    };
  }
  const burst = burstLoss(evidence);
  if (burst !== null) {
    return {
      id: 'rate-high',
      title: 'The learning rate looks too high',
      reason: `The validation loss burst from ${burst.before.toFixed(2)} to ${burst.most.toFixed(2)} before it came down again: what the model knew was thrown over at once.`,
      action,
      stop: true,
    };
  }
  const tenths = Array.from({ length: 10 }, (_, tenth) => meanOver(loss, tenth / 10, (tenth + 1) / 10));
  const lowest = Math.min(...tenths);
  const last = tenths.at(-1) ?? NaN;
  if (!(last > 1.15 * lowest) || tenths.indexOf(lowest) > 7) return null;
  return {
    id: 'rate-high',
    title: 'The learning rate looks too high',
    reason: `The training loss was down at ${lowest.toFixed(2)} and is up at ${last.toFixed(2)} again: steps are so large that they undo each other.`,
    action,
    stop: true,
  };
}

/** A validation loss that leapt to many times the first early on; one that rises at last is told by `overfitting`. */
function burstLoss(evidence: Evidence): { readonly before: number; readonly most: number } | null {
  const before = evidence.baseline?.[lossMetric] ?? NaN;
  const losses = validationLosses(evidence);
  const early = losses.slice(0, Math.ceil(losses.length / 2));
  const most = Math.max(...early);
  return most > 2 * before && (losses.at(-1) ?? NaN) < most ? { before, most } : null;
}

/** What is left of gradients in a model that nothing passes through any more, as a share of those at first. */
const vanished = 0.01;

/** The gradients have vanished, and the loss is flat well above nothing. */
function hasDied({ loss, gradNorm }: Evidence): boolean {
  if (gradNorm.length < 2 * fewestSteps) return false;
  const fifths = [0.3, 0.44, 0.58, 0.72, 0.86].map((from) => meanOver(loss, from, from + 0.14));
  const flat = Math.max(...fifths) - Math.min(...fifths) < 0.02 * (fifths[0] ?? NaN);
  return flat && meanOver(loss, 0.8, 1) > 0.2 && meanOver(gradNorm, 0.85, 1) < vanished * meanOver(gradNorm, 0, 0.05);
}

/** Nothing has moved, neither the training loss nor the validation loss. */
function rateTooLow(evidence: Evidence): Advice | null {
  const { loss, baseline, recipe, over, totalSteps } = evidence;
  if (loss.length < 2 * fewestSteps || (!over && loss.length < totalSteps / 2)) return null;
  const [first, last] = [meanOver(loss, 0, 0.15), meanOver(loss, 0.85, 1)];
  const [before, after] = [baseline?.[lossMetric] ?? NaN, validationLosses(evidence).at(-1) ?? NaN];
  const moved = (from: number, to: number, by: number): boolean => Math.abs(to - from) > by * Math.abs(from);
  // The loss of batches is noisy, that of all validation samples is not.
  if (moved(first, last, 0.04) || moved(before, after, 0.015) || last < 0.02) return null;
  return {
    id: 'rate-low',
    title: 'The learning rate looks too low',
    reason: `In ${loss.length} steps the training loss has hardly moved: ${first.toFixed(2)} at first, ${last.toFixed(2)} at last.`,
    action: recipe.learningRate >= 1 ? null : rateFix(evidence, 10),
  };
}

/** The run ended while it still got better at an even pace. */
function underfitting(evidence: Evidence): Advice | null {
  const { recipe, over, baseline } = evidence;
  const losses = validationLosses(evidence);
  const start = baseline?.[lossMetric] ?? NaN;
  if (!over || losses.length < 4) return null;
  const [last, threeQuarters] = [losses.at(-1) ?? NaN, losses[Math.floor(0.75 * (losses.length - 1))] ?? NaN];
  const gained = start - last;
  // A rate that falls to nothing slows down by itself: what is gained late is the more telling.
  const lowest = Math.min(...losses);
  if (!(gained > 0.015 * start) || !(threeQuarters - last > 0.12 * gained) || !(last - lowest < 0.02 * gained))
    return null;
  const longer =
    recipe.durationUnit === 'epochs'
      ? { epochs: Math.min(1000, 2 * recipe.epochs) }
      : { steps: Math.min(1_000_000, 2 * recipe.steps) };
  return {
    id: 'underfitting',
    title: 'The run ended before it was done',
    reason: `The validation loss still fell at the end (${threeQuarters.toFixed(2)} to ${last.toFixed(2)} in the last quarter), so there was more to learn.`,
    action: { kind: 'fix', fix: { label: 'Train twice as long', change: longer } },
  };
}

/** The validation loss turns while the training loss still falls. */
function overfitting(evidence: Evidence): Advice | null {
  const { loss, evaluations, recipe } = evidence;
  const losses = validationLosses(evidence);
  const best = lowestPlace(losses);
  const turn = evaluations[best];
  if (turn === undefined || losses.length - 1 - best < patience) return null;
  const [lowest, last] = [losses[best] ?? NaN, losses.at(-1) ?? NaN];
  const at = turn.step / Math.max(1, loss.length);
  const [then, now] = [meanOver(loss, Math.max(0, at - 0.05), at), meanOver(loss, 0.95, 1)];
  if (!(last > 1.15 * lowest) || !(now < 0.97 * then)) return null;
  return {
    id: 'overfitting',
    title: `The model learns the training pictures by heart since step ${turn.step}`,
    reason: `The validation loss has risen from ${lowest.toFixed(2)} to ${last.toFixed(2)} while the training loss fell on.${recipe.restoreBest ? ' The best weights are kept; a shorter or a gentler run saves the time.' : ' The recipe keeps the last weights, not the best.'}`,
    action: {
      kind: 'fix',
      fix: recipe.restoreBest
        ? { label: 'Stop early next time', change: { earlyStopping: true } }
        : { label: 'Keep the best weights', change: { restoreBest: true } },
    },
    stop: true,
  };
}

/** The validation loss has stopped falling, or rises a little, while the training loss still falls: worth a word as long as the run can be stopped. */
function flat(evidence: Evidence): Advice | null {
  const { evaluations, loss, recipe, over } = evidence;
  if (over) return null;
  const losses = validationLosses(evidence);
  const best = lowestPlace(losses);
  const [lowest, newest] = [evaluations[best], evaluations.at(-1)];
  if (lowest === undefined || newest === undefined || losses.length - 1 - best < patience) return null;
  const [before, now] = [meanUpTo(loss, lowest.step), meanUpTo(loss, newest.step)];
  if (!(now < before * 0.98)) return null;
  const rising = (losses.at(-1) ?? NaN) > (losses[best] ?? NaN) * 1.05;
  return {
    id: 'flat',
    title: `Validation loss has ${rising ? 'risen' : 'been flat'} since step ${lowest.step}`,
    reason: `Training loss still falls: the model learns these pictures by heart. ${recipe.restoreBest ? 'The best point is kept.' : 'The recipe does not keep the best point.'}`,
    action: { kind: 'fix', fix: { label: 'Stop early next time', change: { earlyStopping: true } } },
    stop: true,
  };
}

/** Mean of the last twentieth of the steps up to one, at least of 5. */
function meanUpTo(loss: ArrayLike<number>, step: number): number {
  const end = Math.min(step, loss.length);
  const from = Math.max(0, end - Math.max(5, Math.round(end * 0.05)));
  let sum = 0;
  for (let place = from; place < end; place++) sum += loss[place] as number;
  return sum / (end - from);
}

/** All pictures have become alike: what it scores has fallen to guessing, and was better before. */
function collapse(evidence: Evidence): Advice | null {
  const { baseline, evaluations, recipe } = evidence;
  const last = evaluations.at(-1)?.metrics;
  if (baseline === null || last === undefined) return null;
  const headline = taskOf(recipe).headline(baseline);
  const pictures = last['pictures'] ?? NaN;
  if (headline.unit !== 'share' || !(pictures >= 8)) return null;
  const guess = last['guess.imageToText.recallAt1'] ?? 1 / pictures;
  const [before, now] = [baseline[headline.name] ?? NaN, last[headline.name] ?? NaN];
  if (!(before > 3 * guess) || !(now < 1.5 * guess)) return null;
  return {
    id: 'collapse',
    title: 'The model has collapsed',
    stop: true,
    reason: `${headline.label} was ${(100 * before).toFixed(0)} % before training and is ${(100 * now).toFixed(0)} % now, no better than guessing: all inputs have become alike to it.`,
    action: rateFix(evidence, 0.1),
  };
}

/** The scale of similarities has run away: scores say more and more, or less and less, about the same pictures. */
function temperature(evidence: Evidence): Advice | null {
  const { logitScale } = evidence;
  if (logitScale.length < fewestSteps) return null;
  const [first, last] = [logitScale[0] as number, logitScale[logitScale.length - 1] as number];
  const factor = last / first;
  if (!(factor > 2 || factor < 0.5)) return null;
  return {
    id: 'temperature',
    title: `The temperature drifts: the scale of similarities went from ${first.toFixed(1)} to ${last.toFixed(1)}`,
    reason:
      factor > 1
        ? 'The loss can be lowered by scaling alone once the training pairs are known by heart; scores then look surer than they are.'
        : 'Pairs contradict each other, so that the loss is lowest where nothing is said for sure. Look for wrong or repeated captions.',
    action: rateFix(evidence, 0.3),
  };
}

function validationLosses({ evaluations }: Evidence): readonly number[] {
  return evaluations.map(({ metrics }) => metrics[lossMetric] ?? NaN);
}
