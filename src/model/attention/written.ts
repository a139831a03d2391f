import type { GraphBuilder } from '../../engine/graph/builder';
import type { InputData } from '../../engine/executor';
import type { Graph } from '../../engine/graph/ir';
import type { PixelNormalization } from '../../engine/ops/patchify/node';
import { generatorInputs } from '../generator-graph';
import type { GeneratorArchitecture } from '../families/family';
import { readingGraph, type LayerSources } from './graphs';
import { mapsOf } from './maps';

/** How words that a model writes attend to the picture: where each of them looked. */

/** A graph over a picture, perhaps a question, and words that are known, with where its attention to what is encoded lies. */
export interface WrittenGraph {
  readonly graph: Graph;
  /** Attention of the words to the picture, or to the question. */
  readonly decoder: readonly LayerSources[];
  /** Attention of the question to the picture; empty without one. */
  readonly question: readonly LayerSources[];
}

interface WrittenOptions {
  /** Tokens that the decoder reads. */
  readonly tokens: number;
  /** Tokens of the question; null where the decoder attends to the picture itself. */
  readonly questionTokens: number | null;
  readonly normalization: PixelNormalization;
}

export function writtenGraph(
  architecture: GeneratorArchitecture,
  { tokens, questionTokens, normalization }: WrittenOptions,
): WrittenGraph {
  const { reading, layers } = readingGraph((builder: GraphBuilder) => {
    const states = architecture.tower(builder, 'vision', {
      batch: 1,
      reading: 'tokens',
      normalization,
      attentionDropout: 0,
    });
    const picture = { states, lengths: null };
    const encoded =
      questionTokens === null
        ? picture
        : {
            states: architecture.question(builder, {
              batch: 1,
              ids: builder.input(generatorInputs.questionIds, 'i32', [1, questionTokens]),
              lengths: builder.input(generatorInputs.questionLengths, 'i32', [1]),
              picture,
              attentionDropout: 0,
            }),
            lengths: null,
          };
    const ids = builder.input(generatorInputs.ids, 'i32', [1, tokens]);
    return architecture.decoder(builder, { ids, rows: 1, sources: 1, encoded, kept: null, attentionDropout: 0 }).logits;
  });
  // Each block of text attends to itself first and then to what is encoded; towers of pictures attend to themselves alone.
  const cross = layers.filter(({ outputs }) => outputs.kind === 'apart').filter((_, place) => place % 2 === 1);
  const blocks = questionTokens === null ? 0 : cross.length / 2;
  return { graph: reading, question: cross.slice(0, blocks), decoder: cross.slice(blocks) };
}

/** The inputs of such a graph besides the pixels. @param ids as the decoder reads them @param question as its encoder does; null without one */
export function writtenInputs(ids: readonly number[], question: readonly number[] | null): InputData {
  return {
    [generatorInputs.ids]: Int32Array.from(ids),
    ...(question === null
      ? {}
      : {
          [generatorInputs.questionIds]: Int32Array.from(question),
          [generatorInputs.questionLengths]: Int32Array.of(question.length),
        }),
  };
}

/**
 * How much each token that the decoder read attended to each token of the picture, `[tokens, picture tokens]`, rows summing to one: the mean of
 * cross-attention over heads and blocks; with a question, the words of the answer look through the words of the question.
 *
 * @param outputs what the graph gave
 */
export function writtenOver(
  { decoder, question }: WrittenGraph,
  outputs: Readonly<Record<string, Float32Array>>,
): Float32Array {
  const mean = (layers: readonly LayerSources[]): Float32Array => {
    const maps = layers.map((layer) => mapsOf(layer, outputs, null).mean);
    const sum = new Float32Array(maps[0]?.length ?? 0);
    for (const map of maps) map.forEach((value, at) => (sum[at] = (sum[at] ?? 0) + value / maps.length));
    return sum;
  };
  const over = mean(decoder);
  const between = question[0]?.node.tokens ?? 0;
  return between === 0 ? over : product(over, mean(question), between);
}

/** `a [rows, inner] · b [inner, columns]`. */
function product(a: Float32Array, b: Float32Array, inner: number): Float32Array {
  const [rows, columns] = [a.length / inner, b.length / inner];
  const result = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < inner; k++) {
      const factor = a[row * inner + k] ?? 0;
      for (let column = 0; column < columns; column++) {
        const at = row * columns + column;
        result[at] = (result[at] ?? 0) + factor * (b[k * columns + column] ?? 0);
      }
    }
  }
  return result;
}
