import type { Recipe } from './schema';

/** True when training pictures are changed at random. */
export function augments({ augmentCrop, augmentFlip, augmentColor }: Recipe): boolean {
  return augmentCrop > 0 || augmentFlip || augmentColor > 0;
}

/** True when training sees the same pixels again in later epochs, so that what frozen layers make of them can be kept. */
export function repeatsPictures(recipe: Recipe): boolean {
  return !augments(recipe) || recipe.cachedViews > 0;
}

/**
 * True when the lower layers of the image tower may be frozen. Of chosen layers the embeddings are the lowest; of the last blocks there may be as
 * many as the tower has, but its embeddings stay frozen.
 */
export function freezesLowerImageLayers({ method: { freeze, trainableGroups } }: Recipe): boolean {
  switch (freeze) {
    case 'full':
    case 'text-locked':
      return false;
    case 'last-blocks':
    case 'projections':
    case 'image-locked':
      return true;
    case 'custom':
      return !trainableGroups.includes('vision.embeddings');
    default:
      return freeze satisfies never;
  }
}
