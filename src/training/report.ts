import { imagesOf, loadDatasetView } from './dataset-view';
import { yieldToMessages } from './device-lock';
import type { RequestContext } from './dispatcher';
import { StudioError, throwIfCancelled } from './errors';
import {
  galleryOf,
  scoreGallery,
  worstMistakes,
  type Gallery,
  type GalleryFeatures,
  type GalleryScores,
} from './evaluation';
import type { EvaluationReport, Requests } from './protocol';
import { hasChangedSince } from './run-data';
import { baseRef, type Weights, type WeightsRegistry } from './weights';
import { recipeSchema } from '../recipe/schema';

interface Measured extends GalleryScores {
  readonly features: GalleryFeatures;
}

/**
 * Retrieval on a split, base against tuned, with the worst mistakes of the tuned model (of the base model where it stands alone).
 *
 * @throws StudioError `too-few` when the split is empty
 */
export async function evaluationReport(
  registry: Pick<WeightsRegistry, 'find'>,
  { weights: ref, datasetId, split }: Requests['evaluate']['params'],
  context: RequestContext,
): Promise<EvaluationReport> {
  const view = await loadDatasetView(datasetId);
  const gallery = galleryOf(view, imagesOf(view, split));
  if (gallery.images.length === 0) {
    throw new StudioError(
      'too-few',
      `There are no captioned pictures in the ${split} split. Change the split on the Data page.`,
    );
  }
  const weights = await registry.find(ref, context.signal);
  const { batchSize, labelSmoothing } = weights.run?.recipe ?? recipeSchema.parse({});
  const measure = (which: Weights, label: string): Promise<Measured> =>
    measureWeights(which, gallery, { batchSize, labelSmoothing }, label, context);
  if (weights.run === null) {
    const base = await measure(weights, 'Measuring the base model');
    return {
      split,
      dataChanged: false,
      base: base.metrics,
      tuned: null,
      mistakes: worstMistakes(gallery, base.features, base.ranks),
    };
  }
  const baseWeights = await registry.find(baseRef(weights.model), context.signal);
  const base = await measure(baseWeights, 'Measuring the base model');
  const tuned = await measure(weights, 'Measuring the tuned model');
  return {
    split,
    dataChanged: hasChangedSince(weights.run, view),
    base: base.metrics,
    tuned: tuned.metrics,
    mistakes: worstMistakes(gallery, tuned.features, tuned.ranks),
  };
}

async function measureWeights(
  weights: Weights,
  gallery: Gallery,
  options: { readonly batchSize: number; readonly labelSmoothing: number },
  label: string,
  { signal, progress }: RequestContext,
): Promise<Measured> {
  const { view } = gallery;
  const images = gallery.images.flatMap((index) => view.images[index] ?? []);
  const captions = gallery.captions.map((index) => view.captions[index] ?? '');
  const total = images.length + captions.length;
  const features: GalleryFeatures = {
    images: await weights.features.images(images, weights.use, weights.pixels, {
      signal,
      onProgress: (done) => progress({ label, done, total }),
    }),
    captions: await weights.features.captions(captions, weights.use, {
      signal,
      onProgress: (done) => progress({ label, done: images.length + done, total }),
    }),
    width: weights.features.width,
  };
  const logitScale = await weights.features.logLogitScale(weights.use);
  const scores = await scoreGallery(
    gallery,
    features,
    { ...options, logitScale },
    async () => {
      await yieldToMessages();
      throwIfCancelled(signal);
    },
    (work) => weights.use((encoder) => encoder.withDevice(work)),
  );
  return { ...scores, features };
}
