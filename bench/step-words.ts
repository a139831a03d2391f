import { generatorOf, modelParameters, modelTensors, noDecayNames } from '../src/model/architecture';
import { openArchitecture } from '../src/model/families';
import { parseBlipConfig, type BlipConfig } from '../src/model/families/blip/config';
import { modelInputs } from '../src/model/families/family';
import { wordLossGraph } from '../src/model/generator-graph';
import { forcedWords, questionInputs, usualSmoothing } from '../src/model/teacher-forcing';
import { blipModels, blipWeights, type BlipModelName } from './blip-models';
import { usualNormalization } from './models';
import type { StepOptions, WordTask } from './step-options';
import type { StepSubject } from './step-subject';
import { stockWordLoss, stockWords } from './stock/words';

/** The BLIP of the size of a CLIP. */
const models: Partial<Record<StepOptions['model'], BlipModelName>> = { small: 'small', b16: 'base' };

/** Tokens of captions, answers and questions, special ones included. */
const lengths = { captioning: { words: 24, question: null }, answering: { words: 6, question: 16 } } as const;

/** A step of BLIP, all of which is trained: captions, or answers to questions, taught as LAVIS does. */
export function wordSubject(task: WordTask, { model, batch: size, train }: StepOptions): StepSubject {
  const name = models[model];
  if (name === undefined || train !== 'full')
    throw new Error(`A step of ${task} is timed with --model ${Object.keys(models).join(' or ')} and --train full.`);
  const answers = task === 'answering';
  const file = {
    model_type: 'blip',
    architectures: [answers ? 'BlipForQuestionAnswering' : 'BlipForConditionalGeneration'],
    ...blipModels[name],
  };
  const architecture = generatorOf(openArchitecture(file));
  const config = parseBlipConfig(file);
  const { words, question } = lengths[task];
  const tokens = words - 1;
  const labelSmoothing = usualSmoothing.lavis;
  const batch = randomWords(config, size, words, question);
  const inputs = {
    [modelInputs.pixels]: batch.pixels,
    ...forcedWords(architecture, batch.texts, { labels: 'lavis', tokens }),
    ...(question === null ? {} : questionInputs(architecture, batch.questions, { labels: 'lavis', tokens: question })),
  };
  const parts = modelTensors(architecture);
  const names = new Set(parts.map((part) => part.name));
  return {
    parameters: modelParameters(architecture),
    parts,
    weights: blipWeights(architecture),
    noDecay: noDecayNames(architecture),
    graph: wordLossGraph(architecture, {
      batch: size,
      tokens,
      ...(question === null ? {} : { questionTokens: question }),
      normalization: usualNormalization,
      labelSmoothing,
    }),
    trained: names,
    inputs: () => Promise.resolve(inputs),
    stock() {
      const read = { ...stockWords(config, size, inputs), labelSmoothing };
      return { trained: names, loss: (variables) => stockWordLoss(config, variables, read) };
    },
  };
}

interface RandomWords {
  readonly pixels: Uint8Array;
  readonly texts: readonly Int32Array[];
  readonly questions: readonly Int32Array[];
}

/** Random pictures and texts; texts, and questions, are between half as long as the longest and as long. */
function randomWords({ vision, text }: BlipConfig, size: number, words: number, question: number | null): RandomWords {
  let state = 7;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const usual = Math.max(text.endId, text.padId) + 1;
  const sequence = (longest: number): Int32Array => {
    const ids = Int32Array.from({ length: longest - below(longest / 2) }, () => usual + below(1000));
    ids[ids.length - 1] = text.endId;
    return ids;
  };
  const rows = Array.from({ length: size });
  return {
    pixels: Uint8Array.from({ length: size * vision.imageSize ** 2 * 3 }, () => below(256)),
    texts: rows.map(() => sequence(words)),
    questions: question === null ? [] : rows.map(() => sequence(question)),
  };
}
