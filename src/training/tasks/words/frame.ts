import { generatorOf } from '../../../model/architecture';
import type { GeneratorArchitecture } from '../../../model/families/family';
import { decoderTokens, type LabelConvention } from '../../../model/teacher-forcing';
import { taskPart } from '../../../recipe/fields';
import type { Recipe } from '../../../recipe/schema';
import type { Decoding } from '../../../recipe/decoding';
import { greedy } from '../../../recipe/decoding';
import type { TokenFrame } from '../../decoding/token-model';
import type { ModelHandle } from '../../model-handle';

/** How a recipe has a model write: what texts begin with, how they are taught and how they are drawn. */
export interface WordTask {
  readonly architecture: GeneratorArchitecture;
  readonly labels: LabelConvention;
  readonly labelSmoothing: number;
  /** Words that texts begin with, given and not learned. */
  readonly prompt: string;
  /** Tokens of the prompt, without special ones. */
  readonly promptIds: readonly number[];
  readonly frame: TokenFrame;
  /** How texts are written at evaluations. */
  readonly decoding: Decoding;
  /** Validation samples that are written for at each evaluation, at most; 0: all. */
  readonly written: number;
}

/** @throws ModelError `unsupported` for a model that writes nothing */
export function wordTaskOf(
  model: Pick<ModelHandle, 'architecture' | 'tokenize'>,
  recipe: Pick<Recipe, 'task'>,
): WordTask {
  const architecture = generatorOf(model.architecture);
  const captioning = recipe.task.type === 'captioning';
  const part = captioning ? taskPart(recipe, 'captioning') : taskPart(recipe, 'answering');
  const prompt = captioning ? taskPart(recipe, 'captioning').captionPrompt.trim() : '';
  const longest = captioning
    ? taskPart(recipe, 'captioning').longestCaption
    : taskPart(recipe, 'answering').longestAnswer;
  const promptIds = prompt === '' ? [] : Array.from(model.tokenize(prompt).ids).slice(1, -1);
  return {
    architecture,
    labels: part.labelConvention,
    labelSmoothing: part.labelSmoothing,
    prompt,
    promptIds,
    frame: { prompt: [architecture.special.begin, ...promptIds], end: architecture.special.end },
    decoding: { ...greedy, beams: part.writtenBeams, longest },
    written: part.writtenSamples,
  };
}

/** Texts as token ids, special ones included, and how many were cut to the model's length. */
export class TokenLists {
  readonly ids: readonly ArrayLike<number>[];
  readonly truncated: number;
  /** Tokens of the longest. */
  readonly longest: number;

  constructor(model: Pick<ModelHandle, 'tokenize'>, texts: readonly string[]) {
    // The same text comes back with every picture that it is about.
    const known = new Map(texts.map((text) => [text, null as ReturnType<ModelHandle['tokenize']> | null]));
    const encoded = texts.map((text) => {
      const found = known.get(text) ?? model.tokenize(text);
      known.set(text, found);
      return found;
    });
    this.ids = encoded.map(({ ids }) => ids);
    this.truncated = [...known.values()].filter((each) => each?.truncated).length;
    this.longest = this.ids.reduce((most, { length }) => Math.max(most, length), 2);
  }

  /** Tokens that a decoder is given to learn the longest. */
  get decoderTokens(): number {
    return decoderTokens(this.longest);
  }
}
