import { decodeImage } from '../../dataset/codec';
import type { SampleRecord } from '../../dataset/types';
import { readRun } from '../../runs/store';
import { readRecords } from '../data/dataset-records';
import { trainedOn } from '../data/run-data';
import type { RequestContext } from './dispatcher';
import { StudioError } from '../../protocol/errors';
import { fillTemplate } from '../label-template';
import type { Requests } from '../../protocol/protocol';
import type { CaptionHit, FoundPicture } from '../../protocol/search';
import { nearest } from '../tasks/contrastive/retrieval';
import { predicted } from '../tasks/predict';
import { keptMetrics } from './report';
import type { Weights, WeightsRegistry } from './weights';

/** Searching one's own pictures and captions, and classifying, with any weights. */
export class Playground {
  constructor(private readonly registry: WeightsRegistry) {}

  async searchImages(
    { weights: ref, datasetId, query, count }: Requests['searchImages']['params'],
    context: RequestContext,
  ): Promise<readonly FoundPicture[]> {
    if (query.trim() === '') throw new StudioError('too-few', 'Type some words to search for.');
    const weights = await this.registry.find(ref, context.signal);
    const records = await pictures(datasetId);
    const features = await imageFeatures(weights, records, context);
    const words = await weights.use((encoder) => encoder.texts([query]));
    const isTrained = weights.run === null ? () => false : await trainedOn(weights.run);
    return nearest(features, words, count).flatMap(({ index, score }) => {
      const record = records[index];
      return record === undefined ? [] : [{ imageId: record.id, score, trained: isTrained(record) }];
    });
  }

  async searchCaptions(
    { weights: ref, datasetId, image, count }: Requests['searchCaptions']['params'],
    context: RequestContext,
  ): Promise<readonly CaptionHit[]> {
    const weights = await this.registry.find(ref, context.signal);
    const captions = [...new Set((await pictures(datasetId)).flatMap(({ captions }) => captions))];
    if (captions.length === 0)
      throw new StudioError('too-few', 'No picture has a caption yet. Write some on the Data page.');
    const features = await weights.features.captions(captions, weights.use, {
      signal: context.signal,
      onProgress: (done, total) => context.progress({ label: 'Reading captions', done, total }),
    });
    const picture = await encodePicture(weights, image);
    return nearest(features, picture, count).map(({ index, score }) => ({ caption: captions[index] ?? '', score }));
  }

  /** What a trained head makes of a picture, of words, or of both; without a run, what the base model makes of its classes in words. */
  async predict(
    { weights: ref, asked, image, words }: Requests['predict']['params'],
    context: RequestContext,
  ): Promise<Requests['predict']['result']> {
    if (image === null && words === null) throw new StudioError('too-few', 'Choose a picture, or type some words.');
    const weights = await this.registry.find(ref, context.signal);
    const run = await readRun(asked);
    if (run === null) throw new StudioError('not-found', 'This run is not stored any more. Choose another.');
    const pixels = image === null ? null : weights.model.preprocess(await decodeDropped(image));
    return predicted(weights, { run, kept: keptMetrics(run), byHead: weights.run !== null }, { pixels, words });
  }

  /** Probabilities of labels for a picture: the softmax of scaled similarities to `template` with each label in place of `{}` or `{label}`. */
  async classify(
    { weights: ref, image, labels, template }: Requests['classify']['params'],
    context: RequestContext,
  ): Promise<Requests['classify']['result']> {
    if (labels.length === 0) throw new StudioError('too-few', 'Type at least one label.');
    const weights = await this.registry.find(ref, context.signal);
    const sentences = labels.map((label) => fillTemplate(template, label));
    const texts = await weights.use((encoder) => encoder.texts(sentences));
    const picture = await encodePicture(weights, image);
    const scale = Math.exp(await weights.features.logLogitScale(weights.use));
    const scored = nearest(texts, picture, labels.length);
    const best = scored[0]?.score ?? 0;
    const exponentials = scored.map(({ score }) => Math.exp(scale * (score - best)));
    const sum = exponentials.reduce((total, value) => total + value, 0);
    return scored.map(({ index }, place) => ({
      label: labels[index] ?? '',
      probability: (exponentials[place] ?? 0) / sum,
    }));
  }
}

async function pictures(datasetId: string): Promise<readonly SampleRecord[]> {
  const { items } = await readRecords(datasetId);
  if (items.length === 0)
    throw new StudioError('not-found', 'This dataset has no pictures. Add some on the Data page.');
  return items;
}

async function imageFeatures(
  weights: Weights,
  records: readonly SampleRecord[],
  { signal, progress }: RequestContext,
): Promise<Float32Array> {
  return weights.features.images(records, weights.use, weights.pixels, {
    signal,
    onProgress: (done, total) => progress({ label: 'Looking at the pictures', done, total }),
  });
}

async function encodePicture(weights: Weights, image: Blob): Promise<Float32Array> {
  const pixels = weights.model.preprocess(await decodeDropped(image));
  return weights.use((encoder) => encoder.images(1, () => Promise.resolve(pixels)));
}

/** @throws StudioError `unreadable` for what is no picture */
export async function decodeDropped(image: Blob) {
  try {
    return await decodeImage(image);
  } catch (cause) {
    throw new StudioError(
      'unreadable',
      'This picture does not decode. Choose a JPEG, PNG, WebP, GIF, BMP or AVIF file.',
      {
        cause,
      },
    );
  }
}
