import { GraphBuilder } from '../engine/graph/builder';
import type { Graph } from '../engine/graph/ir';
import type { ParameterSpec } from '../engine/graph/value';
import { crossEntropy } from '../engine/ops/cross-entropy/node';
import { generatorOf, towerOutput } from './architecture';
import { hiddenInput, type Architecture, type Stage, type TowerOptions } from './families/family';
import { lossOutput } from './pair-graph';

/** The graphs of models that write words: the step of training, and what decoding runs one word after the other. */

/** Names of their inputs besides those of the image tower. */
export const generatorInputs = {
  /** i32 `[rows, tokens]`: what the decoder has read before each word that it is to give. */
  ids: 'decoder_input_ids',
  /** i32 `[rows * tokens]`: the words that it is to give; negative where none is wanted. */
  targets: 'labels',
  /** f32 `[rows * tokens]`: what each counts, where losses are summed. */
  weights: 'label_weights',
  /** i32 `[rows, tokens]`, and i32 `[rows]`: how many of them are no padding. */
  questionIds: 'question_ids',
  questionLengths: 'question_lengths',
  /** i32 `[rows]`: tokens of each row that came before. */
  offsets: 'offsets',
  /** i32 `[rows]`: the row of the run before that each row goes on from. */
  parents: 'parents',
  /** f32 `[pictures * keys, encodedWidth]`: what the decoder attends to, and i32 `[pictures]`: how many of each picture's count. */
  encoded: 'encoded',
  encodedLengths: 'encoded_lengths',
} as const;

/** Output of both graphs, f32: of a step of training `[rows * tokens, vocabulary]`, of decoding those of each row's next word `[rows, vocabulary]`. */
export const logitsOutput = 'logits';

export interface WordLossOptions extends Pick<
  TowerOptions,
  'batch' | 'normalization' | 'squareSide' | 'attentionDropout'
> {
  /** Tokens of a row that the decoder reads (`decoderTokens`). */
  readonly tokens: number;
  /** Tokens of a question; absent: the decoder attends to the picture itself. */
  readonly questionTokens?: number;
  /** First computed stage of the image tower; what lies below is fed in. */
  readonly from?: Stage;
  /** As in `torch.nn.CrossEntropyLoss`, 0…<1. */
  readonly labelSmoothing?: number;
  /** `sum` takes a weight for each word and divides by nothing. */
  readonly reduction?: 'mean' | 'sum';
}

/**
 * A picture, perhaps a question, and the loss of the words that the decoder is to write (`lossOutput`), which reads the right ones whatever it would have
 * written.
 *
 * @throws ModelError `unsupported` for a model that writes no words
 */
export function wordLossGraph(architecture: Architecture, options: WordLossOptions): Graph {
  const { batch, tokens, questionTokens, labelSmoothing = 0, reduction = 'mean', attentionDropout, ...rest } = options;
  const model = generatorOf(architecture);
  const builder = new GraphBuilder();
  const dropout = attentionDropout === undefined ? {} : { attentionDropout };
  const picture = {
    states: model.tower(builder, 'vision', { ...rest, ...dropout, batch, reading: 'tokens' }),
    lengths: null,
  };
  const lengths = questionTokens === undefined ? null : builder.input(generatorInputs.questionLengths, 'i32', [batch]);
  const encoded =
    questionTokens === undefined || lengths === null
      ? picture
      : {
          states: model.question(builder, {
            batch,
            ids: builder.input(generatorInputs.questionIds, 'i32', [batch, questionTokens]),
            lengths,
            picture,
            attentionDropout,
          }),
          lengths,
        };
  const { logits } = model.decoder(builder, {
    ids: builder.input(generatorInputs.ids, 'i32', [batch, tokens]),
    rows: batch,
    sources: batch,
    encoded,
    kept: null,
    attentionDropout,
  });
  const targets = builder.input(generatorInputs.targets, 'i32', [batch * tokens]);
  const rowWeights = reduction === 'sum' ? builder.input(generatorInputs.weights, 'f32', [batch * tokens]) : null;
  const loss = crossEntropy(builder, logits, targets, { rowWeights, labelSmoothing, reduction });
  return builder.build({ [lossOutput]: loss, [logitsOutput]: logits });
}

export interface QuestionGraphOptions {
  readonly batch: number;
  readonly tokens: number;
}

/**
 * Questions about pictures whose tokens are fed in (`hiddenInput('vision')`), encoded for the decoder: `towerOutput`,
 * `[batch * tokens, encodedWidth]`. What padding gives is not to be read.
 */
export function questionGraph(architecture: Architecture, { batch, tokens }: QuestionGraphOptions): Graph {
  const model = generatorOf(architecture);
  const builder = new GraphBuilder();
  const shape = model.stageShape('vision', 'features', { batch, reading: 'tokens' });
  const states = model.question(builder, {
    batch,
    ids: builder.input(generatorInputs.questionIds, 'i32', [batch, tokens]),
    lengths: builder.input(generatorInputs.questionLengths, 'i32', [batch]),
    picture: { states: builder.input(hiddenInput('vision'), 'f32', shape), lengths: null },
    attentionDropout: 0,
  });
  return builder.build({ [towerOutput]: states });
}

export interface DecodingOptions {
  readonly pictures: number;
  /** Rows of a picture, which follow each other. Default: 1. */
  readonly beams?: number;
  /** New tokens of each row. */
  readonly tokens: number;
  /** Tokens of a row that there is room for. */
  readonly capacity: number;
  /** Tokens of a picture or question that are attended to. */
  readonly keys: number;
  /** Whether what is attended to is fed in, and kept for later, or was by a run before. */
  readonly encoded: 'given' | 'kept';
  /** Whether some of its tokens are padding, as in questions. */
  readonly lengths?: boolean;
  /** Whether rows go on from others than themselves. */
  readonly reorder?: boolean;
}

/**
 * What the decoder would write next (`logitsOutput`) behind some new tokens of each row, with the keys and values of all tokens before in states
 * (`decodingStates`). One run reads a prompt, with the states at hand; each further run one token.
 */
export function decodingGraph(architecture: Architecture, options: DecodingOptions): Graph {
  const { pictures, beams = 1, tokens, capacity, keys, lengths = false, reorder = false } = options;
  const model = generatorOf(architecture);
  const builder = new GraphBuilder();
  const rows = pictures * beams;
  const counted = lengths ? builder.input(generatorInputs.encodedLengths, 'i32', [pictures]) : null;
  const { logits } = model.decoder(builder, {
    ids: builder.input(generatorInputs.ids, 'i32', [rows, tokens]),
    rows,
    sources: pictures,
    encoded:
      options.encoded === 'kept'
        ? { kept: true, tokens: keys, lengths: counted }
        : {
            states: builder.input(generatorInputs.encoded, 'f32', [pictures * keys, model.encodedWidth]),
            lengths: counted,
          },
    kept: {
      capacity,
      offsets: builder.input(generatorInputs.offsets, 'i32', [rows]),
      parents: reorder ? builder.input(generatorInputs.parents, 'i32', [rows]) : null,
    },
    last: true,
    attentionDropout: 0,
  });
  return builder.build({ [logitsOutput]: logits });
}

/** The states of a graph, to be made beside the weights (`Executor.createStore`). */
export function decodingStates(graph: Graph): readonly ParameterSpec[] {
  return graph.parameters.filter(({ state }) => state === true);
}
