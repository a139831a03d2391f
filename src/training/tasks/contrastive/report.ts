import type { Metrics } from '../../../tasks/metrics';
import type { RetrievalReport } from '../../../tasks/contrastive/predictions';
import { imagesOf, type DatasetView } from '../../data/dataset-view';
import type { MeasuredWeights, ReportOptions, TaskReport } from '../report';
import { tiedPictures } from './measured';
import {
  galleryOf,
  scoreGallery,
  worstMistakes,
  type Gallery,
  type GalleryFeatures,
  type GalleryScores,
} from './evaluation';

/** How contrastive weights are reported on. Base and tuned are measured on the same gallery, in the same way as during a run. */

interface ScoredWeights extends GalleryScores {
  readonly features: GalleryFeatures;
}

/** Retrieval of some pictures, base against tuned, with the worst mistakes of the tuned model (of the base model where it stands alone). */
export async function retrievalReport(options: ReportOptions): Promise<TaskReport> {
  const { view, images, base, tuned } = options;
  const gallery = galleryOf(view, images);
  const before = await measureWeights(base, gallery, 'Measuring the base model', options);
  const after = tuned === null ? null : await measureWeights(tuned, gallery, 'Measuring the tuned model', options);
  const judged = after ?? before;
  const details: RetrievalReport = { mistakes: worstMistakes(gallery, judged.features, judged.ranks) };
  return {
    samples: images.flatMap((image) => {
      const record = view.images[image];
      return record === undefined ? [] : [{ record, wanted: record.captions[0] ?? '' }];
    }),
    tied: tiedPictures(gallery.captionsOf, gallery.captions.length),
    classes: null,
    base: before.measured,
    tuned: after?.measured ?? null,
    about: { ...trainedCaptions(view, gallery), ...sharedCaptions(gallery) },
    details,
  };
}

/** Captions of a gallery that pictures for training carry as well, and the pictures of the gallery that carry one of them. */
function trainedCaptions(view: DatasetView, { captions, captionsOf }: Gallery): Metrics {
  const trained = new Set(imagesOf(view, 'train').flatMap((image) => view.captionsOf[image] ?? []));
  const known = captions.map((caption) => trained.has(caption));
  return {
    trainedCaptions: known.filter(Boolean).length,
    trainedPictures: captionsOf.filter((own) => own.some((caption) => known[caption])).length,
  };
}

/** Captions that several of the pictures carry, and the most pictures that one of them is on. */
function sharedCaptions({ captions, captionsOf }: Gallery): Metrics {
  const carriers = new Int32Array(captions.length);
  for (const own of captionsOf) for (const caption of own) carriers[caption]!++;
  return {
    sharedCaptions: carriers.filter((pictures) => pictures > 1).length,
    mostShared: carriers.reduce((most, pictures) => Math.max(most, pictures), 0),
  };
}

async function measureWeights(
  weights: MeasuredWeights,
  gallery: Gallery,
  label: string,
  { signal, progress, pause }: ReportOptions,
): Promise<ScoredWeights> {
  const { view } = gallery;
  const images = gallery.images.flatMap((index) => view.images[index] ?? []);
  const captions = gallery.captions.map((index) => view.captions[index] ?? '');
  const total = images.length + captions.length;
  const features: GalleryFeatures = {
    images: await weights.features.images(images, weights.use, weights.pixels, {
      signal,
      onProgress: (done) => progress(label, done, total),
    }),
    captions: await weights.features.captions(captions, weights.use, {
      signal,
      onProgress: (done) => progress(label, images.length + done, total),
    }),
    width: weights.features.width,
  };
  const logitScale = await weights.features.logLogitScale(weights.use);
  const scores = await scoreGallery(gallery, features, logitScale, pause, (work) =>
    weights.use((encoder) => encoder.withDevice(work)),
  );
  return { ...scores, features };
}
