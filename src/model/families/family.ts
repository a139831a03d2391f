import type { InputData } from '../../engine/executor';
import type { GraphBuilder } from '../../engine/graph/builder';
import type { ParameterPart, ValueId } from '../../engine/graph/value';
import type { PixelNormalization } from '../../engine/ops/patchify/node';
import type { ImageProcessorClass } from '../image-processing';
import type { StoredTensor } from '../safetensors';
import type { CaptionTokenizer, TokenizerKind } from '../tokenizer';

/**
 * What the studio knows of a family of models. A family is one object of this kind and one line in `index.ts`; it reads a configuration and
 * gives an `Architecture`, which is all that anything outside of the family's folder sees of it. Configurations and names of tensors stay inside.
 */
export interface ModelFamily {
  /** `model_type` of the configurations that it reads. */
  readonly modelType: string;
  /** For people: `CLIP`. */
  readonly name: string;
  /** Classes of Transformers whose weights and configurations it reads: `CLIPModel`. */
  readonly modelClasses: readonly string[];
  /** Class of Transformers with a linear head for classes on the image tower: `CLIPForImageClassification`; null where there is none. */
  readonly classifierClass: string | null;
  /** `model_type` of configurations that describe a part of such a model alone. */
  readonly partTypes: readonly string[];
  /** What may stand before the names of tensors where the model was saved as a part of a larger one. */
  readonly prefix: string;
  readonly tokenizer: TokenizerKind;
  /** How pictures are prepared where a model's files do not say it. */
  readonly imageProcessor: ImageProcessorClass;
  /**
   * @param json parsed `config.json`, of this `model_type`
   * @param file its name, for messages
   * @throws ModelError `unsupported` for a part of a model, `invalid` for values that do not fit
   */
  open(json: unknown, file: string): Architecture;
}

/**
 * What a model can be trained for. `contrastive`: pictures and captions find each other; `classification`: what is known of a sample stands in its
 * features; `captioning`: words are written for a picture; `answering`: for a picture and a question.
 */
export type TaskKind = 'contrastive' | 'classification' | 'captioning' | 'answering';

/** What takes in samples by itself. */
export type Tower = 'vision' | 'text';

/** What layers belong to: a tower, or the part of a generator that reads questions or writes words. */
export type Part = Tower | 'question' | 'decoder';

/**
 * Where a tower can be entered and left, by the name of the part that is about to run. The first stage is `embeddings` (pixels or token ids come
 * in), the last `features` (the tower is done); what lies between is the family's own.
 */
export type Stage = string;

/**
 * What is wanted of a tower at its end:
 * - `embedding`: L2-normalised features in the space that pictures and captions share, one row a sample
 * - `tokens`: all tokens, as `last_hidden_state` of Transformers' tower has them, `[batch * tokens, width]`
 * - `patch-mean`: the mean of those that are patches of a picture, `[batch, width]`, as Transformers' image classifiers read the vision tower
 */
export type Reading = 'embedding' | 'tokens' | 'patch-mean';

export type GroupKind = 'embeddings' | 'block' | 'norm' | 'projection' | 'scale';

/** What a person freezes as one. Nobody outside of the family reads anything out of its id: its place is in the other fields. */
export interface LayerGroup {
  /** Names it in recipes, for ever. */
  readonly id: string;
  /** For people, without its tower: `Block 3`. */
  readonly label: string;
  /** Null for what belongs to all parts. */
  readonly tower: Part | null;
  /** `projection`: what leads from the tower to the shared space, its pooling included; `scale`: scalars of the loss. */
  readonly kind: GroupKind;
  /** Of a block among those of its part, from 0 at the input; null for others. */
  readonly index: number | null;
  /** Stage of its tower that computes it; null for what belongs to no tower. */
  readonly stage: Stage | null;
  /** Names and shapes in the checkpoint. */
  readonly tensors: readonly ParameterPart[];
}

/** A tensor of the checkpoint that is several of the model's, one behind the other along their first axis. */
export interface FusedTensor {
  readonly name: string;
  readonly parts: readonly ParameterPart[];
}

/** A tensor that computes in two places and that a checkpoint may hold under the name of either, or of both. */
export interface TiedTensor {
  /** Its name in the groups. */
  readonly name: string;
  readonly twin: string;
}

/** A tensor in the shape that is wanted, and what was done to it, as a sentence for the user. */
export interface FittedTensor {
  readonly tensor: StoredTensor;
  readonly note: string;
}

/**
 * Losses over the pairs of a batch: the symmetric contrastive one of CLIP, in which all captions of a batch compete for a picture, and the pairwise
 * sigmoid of SigLIP.
 */
export type PairLoss = 'contrastive' | 'sigmoid';

/** A tower in figures. */
export interface TowerShape {
  /** For people: `Image tower`. */
  readonly label: string;
  readonly blocks: number;
  /** Width of the residual stream. */
  readonly width: number;
}

export interface TowerOptions {
  readonly batch: number;
  /** First stage that is computed; above `embeddings` the graph reads the hidden state that enters it (`hiddenInput`). */
  readonly from?: Stage;
  /** First stage that is not computed; `features` computes the whole tower. */
  readonly to?: Stage;
  readonly reading?: Reading | undefined;
  /** Tokens of a caption of the batch, as `sequenceLength` gives them; default: the longest. Vision towers ignore it. */
  readonly tokens?: number;
  /** Needed where the vision tower starts at `embeddings`. */
  readonly normalization?: PixelNormalization;
  /** Side of square pictures of which the graph draws views, the input `views`; absent: pictures come as the model takes them. */
  readonly squareSide?: number | undefined;
  /** Probability that an attention weight is dropped while training; default: what the checkpoint asks for. */
  readonly attentionDropout?: number;
}

/** Names of graph inputs. */
export const modelInputs = {
  /** u8 `[batch, side, side, 3]`, side = `image.pixels`, or that of the squares that random views show parts of. */
  pixels: 'pixels',
  /** f32 `[batch, 8]`: the views of the pictures, packed, where the graph draws views. */
  views: 'views',
  /** i32 `[batch, tokens]`. */
  inputIds: 'input_ids',
  /** i32 `[batch]`: the token that stands for the caption, where the family looks for it. */
  poolIndex: 'eos_index',
} as const;

/** Name of the input for what enters the first computed stage of a tower when that is not `embeddings`: f32, see `stageShape`. */
export function hiddenInput(tower: Tower): string {
  return tower === 'vision' ? 'image_hidden' : 'text_hidden';
}

/** A model as far as its configuration tells: what there is to compute and to train, bound to that configuration. */
export type Architecture = PairArchitecture | GeneratorArchitecture;

interface BaseArchitecture {
  readonly family: ModelFamily;
  /** Class of Transformers that its weights load as. */
  readonly modelClass: string;
  /** What it can be trained for. */
  readonly tasks: readonly TaskKind[];
  /** Plain data that is equal exactly for architectures that compute the same. */
  readonly identity: unknown;
  /** Its parts, the image tower first. */
  readonly towers: { readonly vision: TowerShape } & Readonly<Partial<Record<Part, TowerShape>>>;
  readonly image: {
    /** Side in pixels of the square picture that the configuration asks for. */
    readonly side: number;
    /** Side of a patch in pixels. */
    readonly patch: number;
    /** Side of what the graph reads: the part of the picture that whole patches cover, as a strided convolution sees it. */
    readonly pixels: number;
  };
  readonly text: {
    /** Most tokens of a caption, special ones included. */
    readonly maxTokens: number;
    /** Rows of the token table. */
    readonly vocabulary: number;
  };
  /** All groups, vision tower first, each tower from its input upwards. Together they hold every tensor of the model once. */
  readonly groups: readonly LayerGroup[];
  /** Tensors that the checkpoint keeps in one piece while the groups name their parts. */
  readonly fused: readonly FusedTensor[];
  /** Tensors that the checkpoint may hold a second time. */
  readonly tied: readonly TiedTensor[];
  /**
   * Brings a tensor of the checkpoint to the shape that the configuration asks for; absent where none can be.
   *
   * @returns null where it cannot be done
   */
  readonly fit?: (stored: StoredTensor) => FittedTensor | null;
  /** All stages of a tower, first to last. */
  stages(tower: Tower, reading?: Reading): readonly Stage[];
  /**
   * Shape of what enters a stage above `embeddings`: `[rows, width]`.
   *
   * @param tokens as in `TowerOptions`
   */
  stageShape(
    tower: Tower,
    stage: Stage,
    options: Pick<TowerOptions, 'batch' | 'tokens' | 'reading'>,
  ): readonly [number, number];
  /**
   * Adds a tower to a graph, from one stage up to another. What comes out can be fed to a graph that starts at `to`.
   *
   * @throws Error for a tower or a reading that it does not have
   */
  tower(builder: GraphBuilder, tower: Tower, options: TowerOptions): ValueId;
  /** What of the tokenizer the model will not see as it should, in sentences for the user. */
  textNotes(tokenizer: CaptionTokenizer): readonly string[];
}

/** Two towers with features in one space, so that pictures and words can be compared. */
export interface PairArchitecture extends BaseArchitecture {
  readonly kind: 'pair';
  readonly towers: Readonly<Record<Tower, TowerShape>>;
  /** Width of the shared space. */
  readonly featureSize: number;
  /** The loss that it was trained with. */
  readonly loss: PairLoss;
  /** Scalars of the loss by which features are compared: the natural logarithm of the scale, and what is added then, where there is one. */
  readonly logits: { readonly scale: ParameterPart; readonly bias: ParameterPart | null };
  /** Tokens that the text tower is given for captions of which the longest has so many. */
  sequenceLength(longest: number): number;
  /** The inputs of the text tower for token ids `[captions, tokens]`. */
  textInputs(ids: Int32Array, tokens: number): InputData;
}

/** An image tower and a decoder that writes words about what it sees, with an encoder of questions between them where it answers them. */
export interface GeneratorArchitecture extends BaseArchitecture {
  readonly kind: 'generator';
  readonly special: SpecialTokens;
  /** Width of what the decoder attends to: the tokens of a picture, or of a question. */
  readonly encodedWidth: number;
  /**
   * Adds the encoder of questions: tokens that attend to each other and to those of a picture.
   *
   * @returns `[batch * tokens, encodedWidth]`; what padding gives is not to be read
   * @throws Error where the model has none
   */
  question(builder: GraphBuilder, options: QuestionOptions): ValueId;
  /** Adds the decoder up to the logits of what comes next. */
  decoder(builder: GraphBuilder, options: DecoderOptions): DecoderValues;
}

/** Ids of the tokens by which a generator is driven. */
export interface SpecialTokens {
  /** Comes before the first word that is written. */
  readonly begin: number;
  /** Comes behind the last. */
  readonly end: number;
  readonly pad: number;
  /** Comes before a question. */
  readonly question: number;
}

/** Tokens that are attended to. */
export interface EncodedTokens {
  /** `[batch * tokens, encodedWidth]`. */
  readonly states: ValueId;
  /** i32 `[batch]`: how many of each sequence count. Null: all. */
  readonly lengths: ValueId | null;
}

export interface QuestionOptions {
  readonly batch: number;
  /** i32 `[batch, tokens]`. */
  readonly ids: ValueId;
  /** i32 `[batch]`: how many of each question are no padding. */
  readonly lengths: ValueId;
  readonly picture: EncodedTokens;
  readonly attentionDropout?: number | undefined;
}

export interface DecoderOptions {
  /** i32 `[rows, tokens]`. */
  readonly ids: ValueId;
  readonly rows: number;
  /** Sequences that are attended to: as many as rows, or one for several rows that follow each other. */
  readonly sources: number;
  /** What is attended to: given, or by keys and values that an earlier run has left (`kept.cross`). */
  readonly encoded: EncodedTokens | { readonly kept: true; readonly tokens: number; readonly lengths: ValueId | null };
  /** Keys and values that are kept from run to run; null while all tokens of a row are there at once. */
  readonly kept: KeptTokens | null;
  /** Whether the logits of each row's last token alone are wanted. */
  readonly last?: boolean;
  readonly attentionDropout?: number | undefined;
}

/** Where a decoder that writes one word after the other keeps what it has computed, as states `[…, 2 * width]` for each of its blocks. */
export interface KeptTokens {
  /** Tokens of a row that there is room for. */
  readonly capacity: number;
  /** i32 `[rows]`: tokens of each row that came before. */
  readonly offsets: ValueId;
  /** i32 `[rows]`: the row of the run before that each row goes on from. Null: itself. */
  readonly parents: ValueId | null;
}

export interface DecoderValues {
  /** `[rows * tokens, vocabulary]`, or `[rows, vocabulary]` of the last tokens. */
  readonly logits: ValueId;
  /** Of each block, the queries of the words and the keys and values of what they attend to. */
  readonly cross: readonly { readonly query: ValueId; readonly keyValue: ValueId }[];
}
