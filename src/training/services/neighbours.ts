import { pairOf } from '../../model/architecture';
import { StudioError, throwIfCancelled } from '../../protocol/errors';
import type { Requests } from '../../protocol/protocol';
import type { CaptionHit, Nearest, SampleGroup } from '../../protocol/search';
import type { SampleRecord } from '../../dataset/types';
import { readRecords } from '../data/dataset-records';
import { yieldToMessages } from '../device-lock';
import { clustersOf } from '../statistics/clusters';
import { nearest } from '../tasks/contrastive/retrieval';
import type { RequestContext } from './dispatcher';
import { baseRef, type Weights, type WeightsRegistry } from './weights';

/** What lies next to each other in the space of a model's features: neighbours of one picture, and groups of several. */

/** Captions that describe a group. */
const describing = 5;

/** What lies nearest to a picture before training and after it. */
export async function neighbours(
  registry: Pick<WeightsRegistry, 'find'>,
  { runId, datasetId, imageId, count }: Requests['neighbours']['params'],
  context: RequestContext,
): Promise<Requests['neighbours']['result']> {
  const tuned = await registry.find({ kind: 'run', runId }, context.signal);
  const base = await registry.find(baseRef(tuned.model), context.signal);
  const { items } = await readRecords(datasetId);
  const of = (weights: Weights, who: string): Promise<Nearest> =>
    nearestTo(weights, items, imageId, count, `Looking at the pictures with the ${who} model`, context);
  return { base: await of(base, 'base'), tuned: await of(tuned, 'tuned') };
}

async function nearestTo(
  weights: Weights,
  records: readonly SampleRecord[],
  imageId: string,
  count: number,
  label: string,
  context: RequestContext,
): Promise<Nearest> {
  const place = records.findIndex(({ id }) => id === imageId);
  if (place === -1) {
    throw new StudioError(
      'not-found',
      'This picture takes no part in the dataset in use, so it has no neighbours there. Take it back, or choose its dataset on the Data page.',
    );
  }
  const pictures = await imageFeatures(weights, records, label, context);
  const captions = distinct(records.flatMap((record) => record.captions));
  const words = await captionFeatures(weights, captions, context);
  const query = pictures.slice(place * weights.features.width, (place + 1) * weights.features.width);
  return {
    // The nearest of all is the picture itself.
    pictures: nearest(pictures, query, count + 1)
      .filter(({ index }) => index !== place)
      .slice(0, count)
      .map(({ index, score }) => ({ imageId: records[index]?.id ?? '', score })),
    captions: captionHits(words, query, captions, count),
  };
}

/** Groups among pictures that a model sees as alike, each described by the captions nearest to its middle. */
export async function groupSamples(
  registry: Pick<WeightsRegistry, 'find'>,
  { weights: ref, datasetId, imageIds }: Requests['groupSamples']['params'],
  context: RequestContext,
): Promise<readonly SampleGroup[]> {
  const weights = await registry.find(ref, context.signal);
  const { items } = await readRecords(datasetId);
  const wanted = new Set(imageIds);
  const records = items.filter(({ id }) => wanted.has(id));
  const vectors = await imageFeatures(weights, records, 'Looking at the pictures', context);
  const splits = new Set(records.map(({ split }) => split));
  // Those of the same part of the data were read when it was measured.
  const captions = distinct(items.filter(({ split }) => splits.has(split)).flatMap((record) => record.captions));
  const words = await captionFeatures(weights, captions, context);
  context.progress({ label: 'Looking for groups', done: 0, total: null });
  const clusters = await clustersOf(vectors, weights.features.width, async () => {
    await yieldToMessages();
    throwIfCancelled(context.signal);
  });
  return clusters.map(({ members, centre }) => ({
    imageIds: members.map((place) => records[place]?.id ?? ''),
    captions: captionHits(words, centre, captions, describing),
  }));
}

function imageFeatures(
  weights: Weights,
  records: readonly SampleRecord[],
  label: string,
  { signal, progress }: RequestContext,
): Promise<Float32Array> {
  pairOf(weights.model.architecture);
  return weights.features.images(records, weights.use, weights.pixels, {
    signal,
    onProgress: (done, total) => progress({ label, done, total }),
  });
}

function captionFeatures(
  weights: Weights,
  captions: readonly string[],
  { signal, progress }: RequestContext,
): Promise<Float32Array> {
  return weights.features.captions(captions, weights.use, {
    signal,
    onProgress: (done, total) => progress({ label: 'Reading captions', done, total }),
  });
}

function captionHits(
  words: Float32Array,
  query: Float32Array,
  captions: readonly string[],
  count: number,
): readonly CaptionHit[] {
  return nearest(words, query, count).map(({ index, score }) => ({ caption: captions[index] ?? '', score }));
}

function distinct(captions: readonly string[]): readonly string[] {
  return [...new Set(captions)];
}
