import type { Split } from '../../dataset/types';
import { imagesOf, type DatasetView } from './dataset-view';

/**
 * A view in which only some of the samples are trained and validated on: all others count as test samples, which training leaves alone. What goes by
 * the whole dataset, such as its classes, stays as it is. Those with the longest texts stay in, since they decide how much a step computes.
 *
 * @param pairs of the training split to keep at least, where there are as many
 * @param validation samples to keep at most
 */
export function thinnedView<View extends DatasetView>(view: View, pairs: number, validation: number): View {
  const length = (image: number): number =>
    (view.captionsOf[image] ?? []).reduce((most, caption) => Math.max(most, view.captions[caption]?.length ?? 0), 0);
  /** The one with the longest text first, the others in their order, which is as good as any by content. */
  const inOrder = (split: Split): readonly number[] => {
    const images = imagesOf(view, split);
    const longest = images.reduce((most, image) => (length(image) > length(most) ? image : most), images[0] ?? 0);
    return [...images.filter((image) => image === longest), ...images.filter((image) => image !== longest)];
  };
  const kept = new Set(inOrder('validation').slice(0, validation));
  let found = 0;
  for (const image of inOrder('train')) {
    if (found >= pairs) break;
    kept.add(image);
    found += (view.captionsOf[image] ?? []).length;
  }
  const images = view.images.map((image, index) => (kept.has(index) ? image : { ...image, split: 'test' as const }));
  return { ...view, images };
}
