import { peakRate } from '../protocol/run-events';
import { writesWords } from '../recipe/tasks/words';
import {
  lossMetric,
  metricText,
  picturesMetric,
  valueOf,
  type MetricDescription,
  type Metrics,
} from '../tasks/metrics';
import { taskOf } from '../tasks';
import { firstNotFinite, lowestPlace, meanOver } from './curve';
import type { Evidence } from './evidence';
import { fallingLoss, learnsToWriteAnew, validationLosses } from './losses';
import { fixOf, rateFix, type Advice, type AdviceAction } from './note';

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
  const { loss, events, recipe } = evidence;
  const returns = events.filter((event) => event.kind === 'rolled-back' && event.reason !== 'zero-loss');
  if (returns.length > 0) {
    const times = returns.length === 1 ? 'once' : `${returns.length} times`;
    return {
      id: 'rate-high',
      title: 'The learning rate was too high: training has diverged',
      reason: `The run went back ${times} to go on with a lower rate, which takes time. The next one can begin with the rate that this one came to.`,
      action: rateFix(evidence, peakRate(recipe.learningRate, events) / recipe.learningRate),
    };
  }
  const action = rateFix(evidence, 0.1);
  const place = firstNotFinite(loss);
  if (place >= 0) {
    return {
      id: 'rate-high',
      title: 'The learning rate is too high: training has diverged',
      reason: `The loss has not been a number since step ${place + 1}.`,
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
  if (standsStill(evidence) && hasCollapsed(evidence) !== null) {
    return {
      id: 'rate-high',
      title: 'The learning rate is too high: the model has stopped learning',
      reason: `What the model knew is gone, and the training loss stands still at ${meanOver(loss, 0.8, 1).toFixed(2)}: the first steps were so large that it cannot be learnt again.`,
      action,
      stop: true,
    };
  }
  const leap = leapOfLoss(evidence);
  if (leap !== null) {
    return {
      id: 'rate-high',
      title: 'The learning rate looks too high',
      reason: `The validation loss leapt from ${leap.before.toFixed(2)} to ${leap.most.toFixed(2)} before it came down again: steps are so large that what was learnt is thrown over.`,
      action,
      stop: true,
    };
  }
  const lost = lostAgain(evidence);
  if (lost !== null) {
    return {
      id: 'rate-high',
      title: 'The learning rate looks too high',
      reason: `The ${lost.of} loss was down at ${lost.lowest.toFixed(2)} and is up at ${lost.last.toFixed(2)} again: steps are so large that they undo each other.`,
      action,
      stop: true,
    };
  }
  return null;
}

/** The share of what the training loss has come down by that has to be gone for it to be lost: a loss near nothing may well double. */
const lostShare = 0.2;

/**
 * What was learnt has gone again, as the training loss shows or, where that stands still, the validation loss. Batches are noisy: as long as the validation
 * loss is near its lowest, nothing is lost. One that rises while the training loss falls is told by `overfitting`.
 */
function lostAgain(evidence: Evidence): { readonly of: string; readonly lowest: number; readonly last: number } | null {
  const { loss, evaluations } = evidence;
  const tenths = Array.from({ length: 10 }, (_, tenth) => meanOver(loss, tenth / 10, (tenth + 1) / 10));
  const losses = validationLosses(evidence);
  const best = lowestPlace(losses);
  const [lowest = NaN, last = NaN] = [losses[best], losses.at(-1)];
  if (last < 1.02 * lowest) return null;
  const [trained, now] = [Math.min(...tenths), tenths.at(-1) ?? NaN];
  const learnt = (tenths[0] ?? NaN) - trained;
  if (now > 1.15 * trained && now - trained > lostShare * learnt && tenths.indexOf(trained) <= 7)
    return { of: 'training', lowest: trained, last: now };
  const turned = evaluations[best];
  if (turned === undefined || losses.length - 1 - best < patience || !(last > 1.05 * lowest)) return null;
  const at = turned.step / Math.max(1, loss.length);
  return now > 0.97 * meanOver(loss, Math.max(0, at - 0.05), at) ? { of: 'validation', lowest, last } : null;
}

/** How far a validation loss has to be below the base model's before one above it counts as a leap, as a share. */
const wellBelow = 0.8;

/**
 * A validation loss that leapt to more than twice its lowest until then, or from well below the base model's to above it, in the first half of the run, and
 * came down again: under that lowest, or, where it was the base model's, at all. A loss that rises at last is told by `overfitting`.
 */
function leapOfLoss(evidence: Evidence): { readonly before: number; readonly most: number } | null {
  const losses = validationLosses(evidence);
  const start = evidence.baseline?.[lossMetric] ?? NaN;
  let lowest = start;
  for (const [place, loss] of losses.slice(0, Math.ceil(losses.length / 2)).entries()) {
    const later = losses.slice(place + 1);
    const over = Math.min(...later) < lowest || (lowest === start && (losses.at(-1) ?? NaN) < loss);
    const leapt = loss > 2 * lowest || (loss > start && lowest < wellBelow * start);
    if (leapt && over) return { before: lowest, most: loss };
    lowest = Math.min(lowest, loss);
  }
  return null;
}

/** What is left of gradients in a model that nothing passes through any more, as a share of those at first. */
const vanished = 0.01;

/** The gradients have vanished, and the loss stands still. */
function hasDied(evidence: Evidence): boolean {
  const { gradNorm } = evidence;
  return standsStill(evidence) && meanOver(gradNorm, 0.85, 1) < vanished * meanOver(gradNorm, 0, 0.05);
}

/** The training loss has not moved in the last four tenths of the steps, well above nothing. */
function standsStill({ loss }: Evidence): boolean {
  if (loss.length < 2 * fewestSteps) return false;
  const late = [0.6, 0.7, 0.8, 0.9].map((from) => meanOver(loss, from, from + 0.1));
  return Math.max(...late) - Math.min(...late) < 0.02 * (late[0] ?? NaN) && meanOver(loss, 0.8, 1) > 0.2;
}

/** Nothing has moved, neither the training loss nor the validation loss. */
function rateTooLow(evidence: Evidence): Advice | null {
  const { loss, baseline, over, totalSteps } = evidence;
  if (loss.length < 2 * fewestSteps || (!over && loss.length < totalSteps / 2)) return null;
  const [first, last] = [meanOver(loss, 0, 0.15), meanOver(loss, 0.85, 1)];
  const [before, after] = [baseline?.[lossMetric] ?? NaN, validationLosses(evidence).at(-1) ?? NaN];
  const moved = (from: number, to: number, by: number): boolean => Math.abs(to - from) > by * Math.abs(from);
  // The loss of batches is noisy, that of all validation samples is not.
  if (moved(first, last, 0.04) || moved(before, after, 0.02) || last < 0.02) return null;
  return {
    id: 'rate-low',
    title: 'The learning rate looks too low',
    reason: `In ${loss.length} steps the training loss has hardly moved: ${first.toFixed(2)} at first, ${last.toFixed(2)} at last.`,
    action: rateFix(evidence, 10),
  };
}

/** The run ended while it still got better at an even pace. */
function underfitting(evidence: Evidence): Advice | null {
  const { recipe, over } = evidence;
  const falling = fallingLoss(evidence);
  if (!over || falling === null) return null;
  const { threeQuarters, last } = falling;
  const longer =
    recipe.durationUnit === 'epochs'
      ? { epochs: Math.min(1000, 2 * recipe.epochs) }
      : { steps: Math.min(1_000_000, 2 * recipe.steps) };
  return {
    id: 'underfitting',
    title: 'The run ended before it was done',
    reason: `The validation loss still fell at the end (${threeQuarters.toFixed(2)} to ${last.toFixed(2)} in the last quarter), so there was more to learn.`,
    action: fixOf(recipe, { label: 'Train twice as long', change: longer }),
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
    title: `The model has been learning the training pictures by heart since step ${turn.step}`,
    reason: `The validation loss has risen from ${lowest.toFixed(2)} to ${last.toFixed(2)} while the training loss fell on.${recipe.restoreBest ? ' The best weights are kept; a shorter or a gentler run saves the time.' : ' The recipe keeps the last weights, not the best.'}`,
    action: recipe.restoreBest
      ? stopSooner(evidence, turn.step)
      : fixOf(recipe, { label: 'Keep the best weights', change: { restoreBest: true } }),
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
    action: stopSooner(evidence, lowest.step),
    stop: true,
  };
}

/** Ends the next run when it turns; where this one would have ended by itself, soon behind where it turned. */
function stopSooner({ recipe }: Evidence, turned: number): AdviceAction | null {
  if (!recipe.earlyStopping) return fixOf(recipe, { label: 'Stop early next time', change: { earlyStopping: true } });
  const steps = Math.ceil(1.2 * turned);
  return fixOf(recipe, { label: `Train ${steps} steps`, change: { durationUnit: 'steps', steps } });
}

/** Mean of the last twentieth of the steps up to one, at least of 5. */
function meanUpTo(loss: ArrayLike<number>, step: number): number {
  const end = Math.min(step, loss.length);
  const from = Math.max(0, end - Math.max(5, Math.round(end * 0.05)));
  let sum = 0;
  for (let place = from; place < end; place++) sum += loss[place] as number;
  return sum / (end - from);
}

/** What is left of what a model scored above guessing where it has collapsed, as a share. */
const nothingLeft = 0.2;
/** Fewest pictures by which it is seen. */
const fewestPictures = 8;

/** What the headline comes to where nothing is known; null where it cannot be told. */
function guessing({ recipe }: Evidence, metrics: Metrics): number | null {
  if (writesWords(recipe.task.type)) return 0;
  const { classes, pictures } = metrics;
  if (recipe.task.type === 'classification') return classes === undefined ? null : 1 / classes;
  return metrics['guess.imageToText.recallAt1'] ?? (pictures === undefined ? null : 1 / pictures);
}

function collapse(evidence: Evidence): Advice | null {
  const { recipe } = evidence;
  const collapsed = hasCollapsed(evidence);
  if (collapsed === null) return null;
  const { headline, before, now } = collapsed;
  return {
    id: 'collapse',
    title: 'The model has collapsed',
    stop: true,
    reason: `${headline.label} was ${metricText(headline, before)} before training and is ${metricText(headline, now)} now, hardly better than guessing: ${writesWords(recipe.task.type) ? 'it writes much the same for all of them' : 'all inputs have become alike to it'}.`,
    action: rateFix(evidence, 0.1),
  };
}

/** What it scores has fallen to guessing, and was well above it before. */
function hasCollapsed(
  evidence: Evidence,
): { readonly headline: MetricDescription; readonly before: number; readonly now: number } | null {
  const { baseline, evaluations, recipe } = evidence;
  const last = evaluations.at(-1)?.metrics;
  if (baseline === null || last === undefined || learnsToWriteAnew(evidence)) return null;
  const headline = taskOf(recipe).headline(baseline);
  const guess = guessing(evidence, last);
  const known =
    taskOf(recipe).knowledge(baseline) !== 'little' && (last[picturesMetric] ?? fewestPictures) >= fewestPictures;
  if (guess === null || headline.better !== 'more' || !known) return null;
  const [before, now] = [valueOf(baseline, headline), valueOf(last, headline)];
  return before > 3 * guess && now - guess < nothingLeft * (before - guess) ? { headline, before, now } : null;
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
