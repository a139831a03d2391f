import type { Written } from '../../protocol/answers';
import type { Requests } from '../../protocol/protocol';
import { StudioError, throwIfCancelled } from '../../protocol/errors';
import { generatorOf } from '../../model/architecture';
import { Writer } from '../decoding/writer';
import { yieldToMessages } from '../device-lock';
import type { ModelHandle } from '../model-handle';
import { TokenLists } from '../tasks/words/frame';
import type { RequestContext } from './dispatcher';
import { decodeDropped } from './playground';
import type { WeightsRegistry } from './weights';

/** Questions are compiled for lengths that are multiples of this, so that another one seldom has to be compiled for. */
const questionStep = 8;

/**
 * Writes a caption for a picture, or the answer to a question about it.
 *
 * @throws StudioError `too-few` for an empty question; ModelError `unsupported` for a model that writes nothing
 */
export async function writeWords(
  registry: Pick<WeightsRegistry, 'find'>,
  { weights: ref, image, question, prompt, labels, decoding }: Requests['write']['params'],
  { signal, progress }: RequestContext,
): Promise<Written> {
  if (question !== null && question.trim() === '') throw new StudioError('too-few', 'Type a question.');
  const weights = await registry.find(ref, signal);
  const { model } = weights;
  const architecture = generatorOf(model.architecture);
  const pixels = model.preprocess(await decodeDropped(image));
  const promptIds = prompt.trim() === '' ? [] : Array.from(model.tokenize(prompt).ids).slice(1, -1);
  const asked = question === null ? null : new TokenLists(model, [question]);
  const longest = asked === null ? null : questionStep * Math.ceil(asked.longest / questionStep);
  const frame = { prompt: [architecture.special.begin, ...promptIds], end: architecture.special.end };
  return weights.use(async (encoder) => {
    // What is drawn, and by which seed, is no matter of what is compiled.
    const compiled = { beams: decoding.beams, longest: decoding.longest, prompt: frame.prompt.length, asked: longest };
    const writer = await encoder.part(`writer ${JSON.stringify(compiled)}`, (device) =>
      Writer.create({
        architecture,
        device,
        promptTokens: frame.prompt.length,
        decoding,
        sources: 1,
        questions: longest === null ? null : Math.min(longest, architecture.text.maxTokens),
      }),
    );
    const seen = await encoder.pictureTokens(1, () => Promise.resolve(pixels));
    const sources = { count: 1, pictures: () => Promise.resolve(seen), questions: asked?.ids ?? null };
    const [text] = await writer.write(sources, {
      frame,
      decoding,
      labels,
      onToken: async ([tokens = []]) => {
        progress({ label: model.words(tokens), done: tokens.length, total: null });
        await yieldToMessages();
        throwIfCancelled(signal);
      },
    });
    if (text === undefined) throw new Error('Nothing was written.');
    return {
      text: model.words(text.tokens),
      tokens: piecesOf(model, text.tokens, text.logProbabilities),
      ended: text.ended,
    };
  });
}

/** Each token with what it adds to the text, and how probable it was. */
function piecesOf(
  model: Pick<ModelHandle, 'words'>,
  tokens: readonly number[],
  logProbabilities: readonly number[],
): Written['tokens'] {
  let before = '';
  return tokens.map((_, place) => {
    const text = model.words(tokens.slice(0, place + 1));
    const added = text.startsWith(before) ? text.slice(before.length) : text;
    before = text;
    return { text: added, probability: Math.exp(logProbabilities[place] ?? NaN) };
  });
}
