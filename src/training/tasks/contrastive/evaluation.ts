import type { DatasetView } from '../../data/dataset-view';
import type { Mistake, ProbeRanking } from '../../../tasks/contrastive/predictions';
import type { Metrics } from '../../../tasks/metrics';
import { groupsOf } from '../groups';
import { everyPlace, type Measured } from '../measured';
import { pairLosses } from './gallery-loss';
import { measuredGallery, tiedPictures } from './measured';
import { nearest, type Ranks } from './retrieval';
import { findRanks, type BorrowDevice } from './similarity';

/** The pictures of a split and the distinct captions that they carry, as indices into the view. */
export interface Gallery {
  readonly view: DatasetView;
  readonly images: readonly number[];
  readonly captions: readonly number[];
  /** Per place in `images`, places in `captions`. */
  readonly captionsOf: readonly (readonly number[])[];
}

/** L2-normalised features of a gallery, `[images, width]` and `[captions, width]`. */
export interface GalleryFeatures {
  readonly images: Float32Array;
  readonly captions: Float32Array;
  readonly width: number;
}

export interface GalleryScores {
  readonly metrics: Metrics;
  readonly measured: Measured;
  readonly ranks: Ranks;
}

export function galleryOf(view: DatasetView, images: readonly number[]): Gallery {
  const captions = [...new Set(images.flatMap((image) => view.captionsOf[image] ?? []))];
  const place = new Map(captions.map((caption, index) => [caption, index]));
  const captionsOf = images.map((image) => (view.captionsOf[image] ?? []).map((caption) => place.get(caption) ?? 0));
  return { view, images, captions, captionsOf };
}

/**
 * Retrieval in both directions and the contrastive loss of every pair, at one size for all that is measured (`lossPairs`).
 *
 * @param logitScale natural logarithm of the scale
 * @param pause awaited now and then; throwing in it ends the work
 * @param borrow lends the device that large galleries are ranked on (`findRanks`); null: plain JavaScript ranks them
 */
export async function scoreGallery(
  gallery: Gallery,
  features: GalleryFeatures,
  logitScale: number,
  pause?: () => Promise<void>,
  borrow: BorrowDevice | null = null,
): Promise<GalleryScores> {
  const { captionsOf } = gallery;
  const ranks = await findRanks({ ...features, captionsOf }, borrow, pause);
  const pairs = captionsOf.flatMap((own, image) => own.map((caption) => ({ imageKey: image, textKey: caption })));
  const { losses, comparedPairs } = await pairLosses(pairs, features, logitScale, pause);
  const measured = measuredGallery({
    captionsOf,
    captions: gallery.captions.map((_, place) => captionAt(gallery, place)),
    ranks,
    losses,
    comparedPairs,
  });
  return { metrics: measured.measure(everyPlace(captionsOf.length)), measured, ranks };
}

/** What of a gallery's pictures belongs together. */
export function galleryGroups({ view, images, captions, captionsOf }: Gallery): Int32Array {
  const records = images.flatMap((image) => view.images[image] ?? []);
  return groupsOf(records, view.dataset, tiedPictures(captionsOf, captions.length));
}

/** How many captions are shown at every evaluation, and how many pictures each. */
const probeCount = 6;
const probeHits = 5;

/** What a few captions find, best first, as picture ids. */
export type Probes = readonly {
  readonly caption: string;
  readonly correct: readonly string[];
  readonly hits: readonly string[];
}[];

/**
 * Places in `gallery.captions` worth watching: half that the base model gets wrong (there something can be seen to improve), half that it gets
 * right, spread over the gallery.
 */
export function chooseProbes(
  gallery: Gallery,
  { textToImage: { best } }: Pick<Ranks, 'textToImage'>,
): readonly number[] {
  const places = gallery.captions.map((_, place) => place);
  const wrong = places.filter((place) => (best[place] ?? 1) > 1);
  const right = places.filter((place) => (best[place] ?? 1) === 1);
  const fromWrong = Math.min(wrong.length, Math.max(probeCount / 2, probeCount - right.length));
  return [...spread(wrong, fromWrong), ...spread(right, probeCount - fromWrong)].sort((a, b) => a - b);
}

function spread(items: readonly number[], count: number): readonly number[] {
  if (items.length <= count) return items;
  return Array.from({ length: count }, (_, i) => items[Math.floor(((i + 0.5) * items.length) / count)] ?? 0);
}

/** What the captions at the given places find. */
export function runProbes(gallery: Gallery, features: GalleryFeatures, places: readonly number[]): Probes {
  const idOf = (place: number): string => gallery.view.images[gallery.images[place] ?? -1]?.id ?? '';
  return places.map((place) => {
    const query = features.captions.subarray(place * features.width, (place + 1) * features.width);
    return {
      caption: captionAt(gallery, place),
      correct: gallery.captionsOf.flatMap((own, image) => (own.includes(place) ? [idOf(image)] : [])),
      hits: nearest(features.images, query, probeHits).map(({ index }) => idOf(index)),
    };
  });
}

/** Base and tuned findings of the same captions side by side. */
export function pairProbes(base: Probes, tuned: Probes): readonly ProbeRanking[] {
  return base.map(({ caption, correct, hits }, index) => ({
    caption,
    correct,
    base: hits,
    tuned: tuned[index]?.hits ?? [],
  }));
}

const mistakeCount = 24;
const preferredCount = 3;

/** Pictures whose own caption is not found first, worst first, with the captions that the model preferred. */
export function worstMistakes(gallery: Gallery, features: GalleryFeatures, ranks: Ranks): readonly Mistake[] {
  const { width } = features;
  return [...ranks.imageToText.best]
    .map((rank, place) => ({ rank, place }))
    .filter(({ rank }) => rank > 1)
    .sort((a, b) => b.rank - a.rank || a.place - b.place)
    .slice(0, mistakeCount)
    .map(({ rank, place }) => {
      const own = gallery.captionsOf[place] ?? [];
      const image = features.images.subarray(place * width, (place + 1) * width);
      const ranked = nearest(features.captions, image, gallery.captions.length);
      const best = ranked.find(({ index }) => own.includes(index));
      return {
        imageId: gallery.view.images[gallery.images[place] ?? -1]?.id ?? '',
        caption: captionAt(gallery, best?.index ?? own[0] ?? 0),
        rank,
        preferred: ranked
          .filter(({ index }) => !own.includes(index))
          .slice(0, preferredCount)
          .map(({ index, score }) => ({ caption: captionAt(gallery, index), score })),
      };
    });
}

function captionAt(gallery: Gallery, place: number): string {
  return gallery.view.captions[gallery.captions[place] ?? -1] ?? '';
}
