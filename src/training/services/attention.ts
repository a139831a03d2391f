import { decodeImage, type DecodedImage } from '../../dataset/codec';
import { pictureOf } from '../../dataset/sample';
import { readImage } from '../../dataset/storage';
import { generatorOf } from '../../model/architecture';
import { wordsOf } from '../../model/attention/words';
import type { TokenWeights } from '../../model/attention/maps';
import { modelInputs } from '../../model/families/family';
import type { PicturePart } from '../../model/image-processor';
import { StudioError, throwIfCancelled } from '../../protocol/errors';
import type { AttentionView, WordWeight } from '../../protocol/attention';
import type { Requests } from '../../protocol/protocol';
import { yieldToMessages } from '../device-lock';
import { TextSource } from '../features/samples';
import { headOf } from '../tasks/heads/trained-head';
import type { RequestContext } from './dispatcher';
import type { Weights, WeightsRegistry } from './weights';

/** Views that are remembered; each is a few kilobytes. */
const remembered = 200;

/** A picture as a model takes it, and where its parts lie in what people see. */
interface SeenPicture {
  /** Equal exactly for the same picture. */
  readonly key: string;
  readonly pixels: Uint8Array;
  readonly part: PicturePart;
}

/** What models attend to in a picture and in words, with any weights. What was asked once is remembered as long as the weights are the same. */
export class Attention {
  private readonly known = new Map<string, AttentionView>();

  constructor(private readonly registry: Pick<WeightsRegistry, 'find'>) {}

  async view(
    { weights: ref, picture, of }: Requests['attention']['params'],
    context: RequestContext,
  ): Promise<AttentionView> {
    const { signal } = context;
    context.progress({ label: 'Opening the weights', done: 0, total: null });
    const weights = await this.registry.find(ref, signal);
    const key = JSON.stringify([
      weights.key,
      weights.set.base,
      picture.kind === 'stored' ? picture.id : picture.key,
      of,
    ]);
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const seen = await seenPicture(weights, picture);
    const view = await viewOf(weights, seen, of, context);
    this.known.set(key, view);
    for (const old of [...this.known.keys()].slice(0, -remembered)) this.known.delete(old);
    return view;
  }
}

function viewOf(
  weights: Weights,
  seen: SeenPicture,
  of: Requests['attention']['params']['of'],
  context: RequestContext,
): Promise<AttentionView> {
  switch (of.kind) {
    case 'words':
      return viewOfWords(weights, seen, of.text, context);
    case 'label':
      return viewOfLabel(weights, seen, of.label, context);
    case 'written':
      return viewOfWritten(weights, seen, of);
  }
}

async function seenPicture(
  { model, pixels }: Weights,
  picture: Requests['attention']['params']['picture'],
): Promise<SeenPicture> {
  const { imageProcessor } = model.loaded;
  if (picture.kind === 'given') {
    const decoded = await decodeGiven(picture.blob);
    return { key: picture.key, pixels: model.preprocess(decoded), part: imageProcessor.seen(decoded) };
  }
  const record = await readImage(picture.id);
  if (record === null) {
    throw new StudioError(
      'not-found',
      'This picture is not stored any more. Reload the page to see the dataset as it is.',
    );
  }
  return { key: record.hash, pixels: await pixels.pixels(record), part: imageProcessor.seen(pictureOf(record)) };
}

async function decodeGiven(blob: Blob): Promise<DecodedImage> {
  try {
    return await decodeImage(blob);
  } catch (cause) {
    throw new StudioError('unreadable', 'This picture does not decode. Choose another file.', { cause });
  }
}

/** How picture and words attend to what makes them fit each other: both towers, and the scaled similarity as the score. */
async function viewOfWords(
  weights: Weights,
  { pixels, part }: SeenPicture,
  text: string,
  context: RequestContext,
): Promise<AttentionView> {
  if (text.trim() === '') throw new StudioError('too-few', 'Type some words to look for in the picture.');
  const { model, features } = weights;
  const source = new TextSource(model, [text]);
  const scale = Math.exp(await features.logLogitScale(weights.use));
  const scaled = (values: Float32Array): Float32Array => values.map((value) => scale * value);
  const between = (label: string) => pauseOf(label, context);
  return weights.use(async (encoder) => {
    context.progress({ label: 'Reading the words', done: 0, total: null });
    const words = await encoder.texts([text]);
    const vision = await encoder.attention('vision', 'embedding', 0);
    const read = await encoder.attention('text', 'embedding', source.tokens);
    const picture = await vision.of(
      { [modelInputs.pixels]: pixels },
      scaled(words),
      between('Following attention through the picture'),
    );
    const caption = await read.of(
      await source.inputs([0], 1),
      scaled(picture.features),
      between('Following attention through the words'),
    );
    const similarity = words.reduce((sum, value, at) => sum + value * (picture.features[at] ?? 0), 0);
    return {
      ...pictureView(weights, part, picture),
      words: wordWeights(weights, text, caption),
      score: { kind: 'similarity', value: similarity },
    };
  });
}

/** How a picture attends to what speaks for a class of a run's trained head. */
async function viewOfLabel(
  weights: Weights,
  { pixels, part }: SeenPicture,
  label: string,
  context: RequestContext,
): Promise<AttentionView> {
  const labels = weights.run?.labels ?? [];
  const place = labels.indexOf(label);
  if (place === -1) throw new StudioError('mismatch', `The run does not tell "${label}" from other classes.`);
  if (!weighsPatches(weights.run)) {
    throw new StudioError(
      'unsupported',
      'Where a model looks for a class can be shown for linear heads on pictures alone. This run has another head.',
    );
  }
  const { weight, bias } = await headOf(weights.set.delta);
  const width = weight.length / labels.length;
  const target = weight.slice(place * width, (place + 1) * width);
  return weights.use(async (encoder) => {
    const vision = await encoder.attention('vision', 'patch-mean', 0);
    const picture = await vision.of(
      { [modelInputs.pixels]: pixels },
      target,
      pauseOf('Following attention through the picture', context),
    );
    const logit = target.reduce((sum, value, at) => sum + value * (picture.features[at] ?? 0), bias[place] ?? 0);
    return { ...pictureView(weights, part, picture), words: null, score: { kind: 'logit', value: logit } };
  });
}

/** Where in a picture each word looked that a model has written: its cross-attention, the mean over heads and blocks. */
async function viewOfWritten(
  weights: Weights,
  { pixels, part }: SeenPicture,
  { text, question }: { readonly text: string; readonly question: string | null },
): Promise<AttentionView> {
  const { model } = weights;
  const { begin, question: asks } = generatorOf(model.architecture).special;
  const read = Array.from(model.tokenize(text).ids);
  const asked = question === null ? null : [asks, ...Array.from(model.tokenize(question).ids).slice(1)];
  const over = await weights.use((encoder) => encoder.written(pixels, [begin, ...read.slice(1, -1)], asked));
  const side = patchSide(weights);
  const width = over.length / (read.length - 1);
  // What was read up to a token decided the next one.
  const rowOf = (token: number): readonly number[] => Array.from(over.slice((token - 1) * width, token * width));
  const words = wordsOf(text, (begun) => model.tokenize(begun).ids).map(({ text: word, from, to }) => {
    const rows = Array.from({ length: to - from }, (_, index) => rowOf(from + index).slice(-(side * side)));
    return { text: word, cut: from === to, over: shares(meanOf(rows)) };
  });
  const all = shares(meanOf(words.filter(({ cut }) => !cut).map((word) => word.over)));
  const share = 1 / Math.max(1, words.length);
  return {
    part,
    side,
    picture: { rollout: all, relevance: all },
    words: words.map((word) => ({ ...word, rollout: share, relevance: share })),
    score: null,
  };
}

function meanOf(rows: readonly (readonly number[])[]): readonly number[] {
  const [first = []] = rows;
  return first.map((_, at) => rows.reduce((sum, row) => sum + (row[at] ?? 0), 0) / rows.length);
}

/** Whether a head's classes are weighted sums of what it reads of the patches. */
function weighsPatches(run: Weights['run']): boolean {
  const task = run?.recipe.task;
  return (
    task?.type === 'classification' &&
    task.input === 'picture' &&
    task.head === 'linear' &&
    task.labelKind !== 'ordered'
  );
}

function pauseOf(label: string, { signal, progress }: RequestContext): () => Promise<void> {
  let layers = 0;
  return async () => {
    progress({ label, done: ++layers, total: null });
    await yieldToMessages();
    throwIfCancelled(signal);
  };
}

/** Patches along a side of what a model sees. */
function patchSide({ model }: Pick<Weights, 'model'>): number {
  const { pixels, patch } = model.architecture.image;
  return pixels / patch;
}

/** The weights of the patches, without what stands in front of them. */
function pictureView(
  { model }: Weights,
  part: PicturePart,
  { rollout, relevance }: TokenWeights,
): Pick<AttentionView, 'part' | 'side' | 'picture'> {
  const side = patchSide({ model });
  const patches = (of: Float32Array | null): number[] => Array.from((of ?? new Float32Array()).slice(-(side * side)));
  return { part, side, picture: { rollout: shares(patches(rollout)), relevance: shares(patches(relevance)) } };
}

function wordWeights({ model }: Weights, text: string, { rollout, relevance }: TokenWeights): readonly WordWeight[] {
  const words = wordsOf(text, (part) => model.tokenize(part).ids);
  const summed = (of: Float32Array | null): number[] =>
    shares(
      words.map(({ from, to }) => (of ?? new Float32Array()).slice(from, to).reduce((sum, value) => sum + value, 0)),
    );
  const [rolled, related] = [summed(rollout), summed(relevance)];
  return words.map(({ text: word, from, to }, at) => ({
    text: word,
    cut: from === to,
    rollout: rolled[at] ?? 0,
    relevance: related[at] ?? 0,
  }));
}

/** Of their sum; all zero where that is zero. */
function shares(values: readonly number[]): number[] {
  const sum = values.reduce((total, value) => total + value, 0);
  return values.map((value) => (sum === 0 ? 0 : value / sum));
}
