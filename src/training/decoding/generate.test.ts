import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Executor } from '../../engine/executor';
import { decodeTensor } from '../../engine/fixtures/load';
import type { PixelNormalization } from '../../engine/ops/patchify/node';
import { createTfjsExecutor } from '../../engine/tfjs/executor';
import { generatorOf } from '../../model/architecture';
import { openArchitecture } from '../../model/families';
import fixture from '../../model/families/blip/fixtures/generate.json' with { type: 'json' };
import { blipWeights, coveredPixels, unpadded } from '../../model/families/blip/testing/parity';
import { greedy, type Decoding } from '../../recipe/decoding';
import { DeviceLock } from '../device-lock';
import { pixelSource } from '../features/samples';
import { TowerPass } from '../features/tower';
import { createWeightStore } from '../features/weight-store';
import type { ModelHandle } from '../model-handle';
import { Writer } from './writer';

/** Captions and answers of tiny BLIPs as `generate` of Transformers writes them (`reference/fixtures/blip.py`). */

let executor: Executor;
beforeAll(async () => {
  executor = await createTfjsExecutor('tfjs-cpu');
});
afterAll(() => executor.dispose());

interface Case {
  readonly name: string;
  readonly settings: Readonly<Record<string, number | boolean>>;
  readonly picture: number;
  readonly prompt: readonly number[];
  readonly ids: readonly number[];
}

function decodingOf(settings: Case['settings'], longest: number): Decoding {
  const given = (name: string, usual: number): number => Number(settings[name] ?? usual);
  return {
    ...greedy,
    longest,
    shortest: given('min_new_tokens', 0),
    beams: given('num_beams', 1),
    lengthPenalty: given('length_penalty', 1),
    repetitionPenalty: given('repetition_penalty', 1),
    earlyStopping: settings['early_stopping'] === true,
  };
}

test.each(['captions', 'questions'] as const)(
  '%s: token by token as Transformers',
  async (kind) => {
    const stored = fixture[kind];
    const architecture = generatorOf(openArchitecture(stored.config));
    const pixels = coveredPixels(architecture, stored.pixels);
    const model: ModelHandle = {
      id: 'local/tiny',
      architecture,
      tensors: blipWeights(stored.weights),
      normalization: stored.normalization as unknown as PixelNormalization,
      tokenize: () => ({ ids: [], truncated: false }),
      words: (ids) => [...ids].join(' '),
      preprocess: () => new Uint8Array(),
      preprocessing: '',
    };
    const lock = new DeviceLock();
    const store = await createWeightStore(model, null, executor, lock);
    const device = { executor, store, lock };
    const pictures = decodeTensor(stored.pixels).shape[0] ?? 0;
    const bytes = pixels.length / pictures;
    const source = pixelSource(model, pictures, (picture) =>
      Promise.resolve(pixels.subarray(picture * bytes, (picture + 1) * bytes)),
    );
    const options = { model, device, tower: 'vision', reading: 'tokens', source, tokens: 0, rows: 2 } as const;
    const tower = await TowerPass.create(options, 'embeddings', 'features');
    const seen = await tower.run(Array.from({ length: pictures }, (_, picture) => picture));
    const width = seen.length / pictures;
    const questions = kind === 'captions' ? null : unpadded(stored.questions, architecture.special.pad);
    const longest = questions === null ? null : Math.max(...questions.map(({ length }) => length));

    // Those that are written alike are written side by side.
    const all = stored.cases as readonly Case[];
    const lotOf = ({ name, prompt }: Case): string => `${name} ${prompt.join(' ')}`;
    for (const lot of new Set(all.map(lotOf))) {
      const cases = all.filter((each) => lotOf(each) === lot);
      const { settings = {}, prompt = [] } = cases[0] ?? {};
      const decoding = decodingOf(settings, stored.newTokens);
      const frame = { prompt: [architecture.special.begin, ...prompt], end: architecture.special.end };
      const writer = await Writer.create({
        architecture,
        device,
        promptTokens: frame.prompt.length,
        decoding,
        sources: 4,
        questions: longest,
      });
      const lookUp = (places: readonly number[]): Promise<Float32Array> => {
        const all = new Float32Array(places.length * width);
        places.forEach((place, row) => {
          const from = (cases[place]?.picture ?? 0) * width;
          all.set(seen.subarray(from, from + width), row * width);
        });
        return Promise.resolve(all);
      };
      const written = await writer.write(
        {
          count: cases.length,
          pictures: lookUp,
          questions: questions && cases.map(({ picture }) => questions[picture] ?? []),
        },
        { frame, decoding, labels: 'lavis' },
      );
      const ids = written.map(({ tokens, ended }) => [...frame.prompt, ...tokens, ...(ended ? [frame.end] : [])]);
      expect(ids, lot).toEqual(cases.map((each) => each.ids));
      writer.dispose();
    }
    tower.dispose();
    store.dispose();
  },
  120_000,
);
