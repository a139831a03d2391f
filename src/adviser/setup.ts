import { fieldOf } from '../recipe/fields';
import type { Evidence } from './evidence';
import type { Advice } from './note';

/** What data and recipe give away, whatever the curves say. */

/** A class with so many times the samples of another outweighs it. */
const imbalanced = 10;
/** Batches in which a pair has too few others to be told from, where there would be more. */
const smallBatch = 16;
/** Fewest evaluations by which the best weights can be found. */
const fewestEvaluations = 4;

export function adviceOnSetup(evidence: Evidence): readonly Advice[] {
  const found = [
    leakage(evidence),
    copied(evidence),
    imbalance(evidence),
    batch(evidence),
    evaluations(evidence),
    untested(evidence),
  ];
  return found.filter((advice) => advice !== null);
}

function leakage({ data }: Evidence): Advice | null {
  if (data === null || data.leaked === 0) return null;
  return {
    id: 'leakage',
    title:
      data.leaked === 1
        ? 'A validation or test picture belongs to a group that was trained on'
        : `${data.leaked} validation and test pictures belong to groups that were trained on`,
    reason: 'The model may know them by their group, so that results look better than they will be on new ones.',
    action: { kind: 'split-groups', label: 'Split by groups' },
  };
}

function copied({ data }: Evidence): Advice | null {
  const images = data?.copies ?? [];
  if (images.length === 0) return null;
  const one = images.length === 1;
  return {
    id: 'leakage',
    title: one
      ? 'A validation or test picture is nearly the same as one that was trained on'
      : `${images.length} validation and test pictures are nearly the same as pictures that were trained on`,
    reason: `The model has seen ${one ? 'it' : 'them'}, so that results look better than they will be on new pictures.`,
    action: { kind: 'train-on', label: `Train on ${one ? 'it' : 'them'} instead`, images },
  };
}

function imbalance({ data, recipe }: Evidence): Advice | null {
  const counts = data?.classes?.filter((samples) => samples > 0) ?? [];
  if (counts.length < 2 || fieldOf(recipe, 'classWeights') !== 'none') return null;
  const [fewest, most] = [Math.min(...counts), Math.max(...counts)];
  if (most < imbalanced * fewest) return null;
  return {
    id: 'imbalance',
    title: `Classes are uneven: from ${fewest} to ${most} training samples`,
    reason: 'The loss is lowest where the rare classes are hardly ever said, and the accuracy does not show it.',
    action: { kind: 'fix', fix: { label: 'Weigh all classes alike', change: { classWeights: 'balanced' } } },
  };
}

function batch({ recipe, batchSize, train }: Evidence): Advice | null {
  if (
    recipe.task.type !== 'contrastive' ||
    Math.max(batchSize, recipe.batchSize) >= smallBatch ||
    train < 4 * smallBatch
  )
    return null;
  const larger = Math.min(64, 2 ** Math.floor(Math.log2(train / 4)));
  return {
    id: 'small-batch',
    title: `Batches of ${batchSize} are small for a loss that compares pairs`,
    reason: `Each picture is told from ${batchSize - 1} other captions only, which is too easy to teach much.`,
    action: { kind: 'fix', fix: { label: `Set batch size to ${larger}`, change: { batchSize: larger } } },
  };
}

function evaluations({ recipe, validation, totalSteps }: Evidence): Advice | null {
  const every = recipe.evaluateEvery;
  if (
    validation === 0 ||
    every === 0 ||
    totalSteps / every >= fewestEvaluations ||
    totalSteps < 2 * fewestEvaluations
  ) {
    return null;
  }
  const times = Math.max(1, Math.floor(totalSteps / every));
  return {
    id: 'few-evaluations',
    title: times === 1 ? 'It is measured only once' : `It is measured only ${times} times`,
    reason: 'The best weights may lie between two evaluations, and a run that turns bad is seen late.',
    action: { kind: 'fix', fix: { label: 'Evaluate about 20 times', change: { evaluateEvery: 0 } } },
  };
}

function untested({ over, tested, test }: Evidence): Advice | null {
  if (!over || tested !== false) return null;
  if (test === 0) {
    return {
      id: 'not-tested',
      title: 'There are no test pictures',
      reason: 'The validation pictures chose the weights, so that what they score is a little too good.',
      action: { kind: 'go', label: 'Set some apart', to: '/data' },
    };
  }
  return {
    id: 'not-tested',
    title: 'It has not been measured on its test pictures yet',
    reason: 'The validation pictures chose the weights, so that what they score is a little too good.',
    action: { kind: 'measure', label: 'Measure' },
  };
}
