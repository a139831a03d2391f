import { expect } from 'vitest';
import type { Executor } from '../../engine/executor';
import { generatorOf } from '../../model/architecture';
import { hiddenInput, type GeneratorArchitecture } from '../../model/families/family';
import { generatorInputs, logitsOutput, wordLossGraph } from '../../model/generator-graph';
import { questionInputs } from '../../model/teacher-forcing';
import { greedy, type Decoding } from '../../recipe/decoding';
import { DeviceLock } from '../device-lock';
import { graphInputs, pickInputs, type Device } from '../features/tower';
import { createWeightStore } from '../features/weight-store';
import { createRandom } from '../random';
import { tinyGenerator } from './tiny-generator';
import { decode } from '../decoding';
import type { TokenModel } from '../decoding/token-model';
import { Writer } from '../decoding/writer';

/** What tests ask of decoding on any executor. */

const sources = 3;
const longest = 6;

/** A decoder that reads all tokens anew for each next one, as training does. */
async function anew(
  architecture: GeneratorArchitecture,
  device: Device,
  seen: Float32Array,
  asked: { readonly ids: readonly ArrayLike<number>[]; readonly tokens: number } | null,
  beams: number,
): Promise<TokenModel> {
  const rows = sources * beams;
  const { vocabulary } = architecture.text;
  const tokens = longest + 1;
  const graph = wordLossGraph(architecture, {
    batch: rows,
    tokens,
    ...(asked === null ? {} : { questionTokens: asked.tokens }),
    from: 'features',
  });
  const inference = await device.executor.compile(graph, device.store);
  const names = graphInputs(graph);
  const width = seen.length / sources;
  const hidden = Float32Array.from({ length: rows * width }, (_, i) => {
    const row = Math.floor(i / width);
    return seen[Math.floor(row / beams) * width + (i % width)] ?? 0;
  });
  const questions =
    asked === null
      ? {}
      : questionInputs(
          architecture,
          Array.from({ length: rows }, (_, row) => asked.ids[Math.floor(row / beams)] ?? []),
          { labels: 'lavis', tokens: asked.tokens },
        );
  let texts: number[][] = [];
  const logits = async (): Promise<Float32Array> => {
    const ids = new Int32Array(rows * tokens);
    texts.forEach((text, row) => ids.set(text, row * tokens));
    const targets = new Int32Array(rows * tokens).fill(-1);
    const data = {
      ...questions,
      [generatorInputs.ids]: ids,
      [generatorInputs.targets]: targets,
      [hiddenInput('vision')]: hidden,
    };
    const { [logitsOutput]: all = new Float32Array() } = await inference.run(pickInputs(names, data));
    const next = new Float32Array(rows * vocabulary);
    texts.forEach((text, row) => {
      const from = (row * tokens + text.length - 1) * vocabulary;
      next.set(all.subarray(from, from + vocabulary), row * vocabulary);
    });
    return next;
  };
  return {
    rows,
    vocabulary,
    start(prompt) {
      texts = Array.from({ length: rows }, () => [...prompt]);
      return logits();
    },
    next(last, order) {
      texts = texts.map((text, row) => [...(texts[order?.[row] ?? row] ?? text), last[row] ?? 0]);
      return logits();
    },
  };
}

/** Ways of writing. */
export const ways: readonly Decoding[] = [
  { ...greedy, longest },
  { ...greedy, longest, beams: 3 },
  { ...greedy, longest, beams: 2, repetitionPenalty: 1.5, lengthPenalty: 2 },
  { ...greedy, longest, sampling: { temperature: 1.5, topK: 8, topP: 0.95, seed: 5 } },
];

/**
 * What is written over kept keys and values is what is written by reading all tokens anew: captions and answers, whose questions are of different
 * lengths; one after the other with the same writer.
 */
export async function checkWriting(executor: Executor, tried = ways): Promise<void> {
  const model = tinyGenerator(4);
  const architecture = generatorOf(model.architecture);
  const store = await createWeightStore(model, null, executor, new DeviceLock());
  const device = { executor, store, lock: new DeviceLock() };
  const random = createRandom(3);
  const [keys, width] = architecture.stageShape('vision', 'features', { batch: 1, reading: 'tokens' });
  const questions = ['which colour', 'a', 'which shape of a bar'].map((text) => model.tokenize(text).ids);
  const tokens = Math.max(...questions.map(({ length }) => length));
  const { begin, end } = architecture.special;
  for (const asked of [null, { ids: questions, tokens }]) {
    for (const decoding of tried) {
      const prompt = decoding.beams === 3 ? [begin] : [begin, 4];
      const frame = { prompt, end };
      const writer = await Writer.create({
        architecture,
        device,
        promptTokens: prompt.length,
        decoding,
        sources,
        questions: asked === null ? null : tokens,
      });
      for (let time = 0; time < 2; time++) {
        const seen = Float32Array.from({ length: sources * keys * width }, () => 2 * random() - 1);
        const reference = await anew(architecture, device, seen, asked, decoding.beams);
        const expected = await decode(reference, frame, decoding);
        const written = await writer.write(
          { count: sources, pictures: () => Promise.resolve(seen), questions: asked?.ids ?? null },
          { frame, decoding, labels: 'lavis' },
        );
        expect(written.map((text) => text.tokens)).toEqual(expected.map((text) => text.tokens));
        written.forEach(({ logProbabilities }, row) =>
          logProbabilities.forEach((value, place) =>
            expect(value).toBeCloseTo(expected[row]?.logProbabilities[place] ?? NaN, 3),
          ),
        );
      }
      writer.dispose();
    }
  }
  store.dispose();
}
