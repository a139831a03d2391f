import type { SampleRecord } from '../../dataset/types';
import type { Recipe } from '../../recipe/schema';
import type { ModelHandle } from '../model-handle';
import { augmentationOf, viewSource, type RandomViews } from './augmented-pixels';
import { pixelSource, type LastingSource, type PixelReader } from './samples';
import type { ChangingSamples } from './tower-setup';

/** Pictures as they are, by their places. */
export function plainPictures(model: ModelHandle, images: readonly SampleRecord[], pixels: PixelReader): LastingSource {
  return {
    ...pixelSource(model, images.length, (image) => pixels.pixels(recordAt(images, image))),
    processing: model.preprocessing,
    content: (image) => recordAt(images, image).hash,
  };
}

/** The random views that training sees of pictures; null where it sees them as they are. */
export function changingPictures(
  images: readonly SampleRecord[],
  augmented: RandomViews | null,
  recipe: Recipe,
): ChangingSamples | null {
  if (augmented === null) return null;
  const { cachedViews: count, seed } = recipe;
  const { side } = augmented;
  if (count === 0) {
    return { source: (epoch) => viewSource(side, images.length, (image) => augmented.view(image, epoch)), views: null };
  }
  const views: LastingSource = {
    ...viewSource(side, images.length * count, (sample) => augmented.view(Math.floor(sample / count), sample % count)),
    processing: JSON.stringify(['views', augmentationOf(recipe), seed]),
    content: (sample) => `${recordAt(images, Math.floor(sample / count)).hash} ${sample % count}`,
  };
  return {
    source: (epoch) => viewSource(side, images.length, (image) => augmented.view(image, epoch % count)),
    views: { count, source: views },
  };
}

function recordAt(images: readonly SampleRecord[], image: number): SampleRecord {
  const record = images[image];
  if (record === undefined) throw new Error(`There is no picture ${image}.`);
  return record;
}
