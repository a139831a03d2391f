import { changeIntervals } from '../tasks/contrastive/comparison';
import { imagesOf, loadDatasetView, type DatasetView } from '../data/dataset-view';
import { yieldToMessages } from '../device-lock';
import type { RequestContext } from './dispatcher';
import { StudioError, throwIfCancelled } from '../../protocol/errors';
import {
  galleryOf,
  scoreGallery,
  worstMistakes,
  type Gallery,
  type GalleryFeatures,
  type GalleryScores,
} from '../tasks/contrastive/evaluation';
import type { EvaluationReport, Requests, TestResult } from '../../protocol/protocol';
import type { RetrievalReport } from '../../tasks/contrastive/predictions';
import type { Metrics } from '../../tasks/metrics';
import { hasChangedSince } from '../data/run-data';
import { putTestResult, readRun } from '../../runs/store';
import type { Run } from '../../runs/types';
import { baseRef, type Weights, type WeightsRegistry } from './weights';

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
  const measure = (which: Weights, label: string): Promise<Measured> => measureWeights(which, gallery, label, context);
  const about = { ...trainedCaptions(view, gallery), ...sharedCaptions(gallery) };
  const found = { task: 'contrastive', split, about } as const;
  if (weights.run === null) {
    const base = await measure(weights, 'Measuring the base model');
    const details: RetrievalReport = { mistakes: worstMistakes(gallery, base.features, base.ranks) };
    return { ...found, dataChanged: false, base: base.metrics, tuned: null, change: null, details };
  }
  const baseWeights = await registry.find(baseRef(weights.model), context.signal);
  const base = await measure(baseWeights, 'Measuring the base model');
  const tuned = await measure(weights, 'Measuring the tuned model');
  context.progress({ label: 'Comparing them', done: 0, total: null });
  const details: RetrievalReport = { mistakes: worstMistakes(gallery, tuned.features, tuned.ranks) };
  return {
    ...found,
    dataChanged: hasChangedSince(weights.run, view),
    base: base.metrics,
    tuned: tuned.metrics,
    change: await changeIntervals(gallery.captionsOf, base, tuned, pauseOf(context)),
    details,
  };
}

/** Makes a report, and notes it with the run where it is of the run's own test pictures. */
export async function evaluateAndKeep(
  registry: Pick<WeightsRegistry, 'find'>,
  params: Requests['evaluate']['params'],
  context: RequestContext,
): Promise<EvaluationReport> {
  const report = await evaluationReport(registry, params, context);
  const run = params.weights.kind === 'run' ? await readRun(params.weights.runId) : null;
  const test = run === null ? null : testResultOf(report, run, params.datasetId);
  if (run !== null && test !== null) {
    // The report is there all the same; it can be made again.
    await putTestResult(run.id, test).catch(() => undefined);
  }
  return report;
}

/**
 * The part of a report that a run's record keeps; null where it says nothing of pictures that the run had no part in: on other splits, on data
 * that was changed after the run, or on another dataset.
 */
export function testResultOf(
  { split, dataChanged, base, tuned, change, about }: EvaluationReport,
  run: Run,
  datasetId: string,
): TestResult | null {
  if (split !== 'test' || dataChanged || tuned === null) return null;
  if (run.dataset.id !== datasetId || run.state === 'running') return null;
  return run.weightsStep === null ? null : { step: run.weightsStep, base, tuned, change, about };
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

function pauseOf({ signal }: RequestContext): () => Promise<void> {
  return async () => {
    await yieldToMessages();
    throwIfCancelled(signal);
  };
}

async function measureWeights(
  weights: Weights,
  gallery: Gallery,
  label: string,
  context: RequestContext,
): Promise<Measured> {
  const { signal, progress } = context;
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
  const scores = await scoreGallery(gallery, features, logitScale, pauseOf(context), (work) =>
    weights.use((encoder) => encoder.withDevice(work)),
  );
  return { ...scores, features };
}
