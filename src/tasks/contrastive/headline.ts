import type { Recipe } from '../../recipe/schema';
import type { Knowledge } from '../description';
import { picturesMetric, type MetricDescription, type Metrics } from '../metrics';
import { accuracy, loss, metrics as described, recallAt1 } from './metrics';

/**
 * Whether captions are so few that they stand for classes: each is on two pictures or more on average. Then a single caption that looks for a
 * picture weighs at least twice as much as a picture that looks for a caption.
 */
function fewCaptions({ captions, [picturesMetric]: pictures = NaN }: Metrics): boolean {
  return captions !== undefined && 2 * captions <= pictures;
}

/** What a result is told by: Recall@1 of both directions, or of pictures alone where captions are few. */
export function headline(metrics: Metrics): MetricDescription {
  return fewCaptions(metrics) ? accuracy : recallAt1;
}

/**
 * What a recipe calls best on the pictures that were measured. `auto` is the validation loss: every pair adds to it a little, so that it tells
 * small differences apart where recall jumps by whole pictures. Where few captions share many pictures, the words come close to being classes;
 * then it is the share of pictures that find their caption, since in the other direction a single caption weighs as much as all its pictures.
 */
export function deciding({ task: { selectionMetric } }: Recipe, metrics: Metrics): MetricDescription {
  if (selectionMetric === 'auto') return fewCaptions(metrics) ? accuracy : loss;
  return described.find(({ name }) => name === selectionMetric) ?? loss;
}

/**
 * How much better than guessing pictures find their captions: 0 for guessing, 1 where every picture finds its own first. The share of the wrong
 * captions that a guess would put first and the model does not; unlike recall it hardly depends on the size of the gallery. Null where it is not
 * known what guessing would reach.
 */
function skill(metrics: Metrics): number | null {
  const { 'imageToText.meanRank': rank, 'guess.imageToText.meanRank': guess } = metrics;
  if (rank === undefined || guess === undefined || guess <= 1) return null;
  return 1 - (rank - 1) / (guess - 1);
}

/** Below it a model does little better than guessing: Seed CLIP has 0.26 on photographs of things and 0.04 on handwritten digits. */
const littleSkill = 0.4;
/** From it on a model is at home: Seed CLIP has 0.98 on emoji in a style that it has never seen. */
const muchSkill = 0.85;

/** Null where it cannot be told. */
export function knowledge(metrics: Metrics): Knowledge | null {
  const known = skill(metrics);
  if (known === null) return null;
  if (known < littleSkill) return 'little';
  return known >= muchSkill ? 'much' : 'some';
}
