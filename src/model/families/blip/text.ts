import type { GraphBuilder } from '../../../engine/graph/builder';
import type { ValueId } from '../../../engine/graph/value';
import { crossAttention } from '../../../engine/ops/attention/node';
import { linear } from '../../../engine/ops/linear/node';
import { pool } from '../../../engine/ops/pool/node';
import { tokenEmbedding } from '../../../engine/ops/token-embedding/node';
import { writeRows } from '../../../engine/ops/write-rows/node';
import { gatherRows } from '../../../engine/ops/gather-rows/node';
import type { DecoderOptions, DecoderValues, EncodedTokens, KeptTokens, QuestionOptions } from '../family';
import { dense, norm, single } from '../transformer/block';
import type { Affine } from '../transformer/tensors';
import type { BlipConfig } from './config';
import { headTensors, textBlockTensors, textEmbeddingTensors, type TextPart } from './tensors';

/**
 * The text models of BLIP as Transformers computes them (`modeling_blip_text.py`): those of BERT with attention to encoded tokens between the attention among
 * their own and the MLP, each part followed by a norm.
 */

/**
 * Adds the encoder of questions, whose tokens see each other and the picture.
 *
 * @returns `[batch * tokens, hidden]`
 */
export function blipQuestion(builder: GraphBuilder, config: BlipConfig, options: QuestionOptions): ValueId {
  if (!config.answers) throw new Error('This BLIP has no encoder of questions.');
  const { ids, batch, lengths, picture, attentionDropout: dropout = config.text.attentionDropout } = options;
  let x = embeddings(builder, config, 'question', ids, null);
  for (let layer = 0; layer < config.text.layers; layer++) {
    const among = keyValueOf(builder, x, selfTensors(config, 'question', layer));
    const encoded = crossKeyValue(builder, config, 'question', layer, picture);
    x = block(builder, config, 'question', layer, x, {
      among: { keyValue: among, batch, causal: false, lengths, offsets: null },
      cross: { keyValue: encoded, batch, lengths: picture.lengths },
      dropout,
    }).x;
  }
  return x;
}

/** Adds the decoder, whose tokens see those before them and what is encoded, up to the logits. */
export function blipDecoder(builder: GraphBuilder, config: BlipConfig, options: DecoderOptions): DecoderValues {
  const { ids, rows, sources, encoded, kept, last = false } = options;
  const { attentionDropout: dropout = config.text.attentionDropout } = options;
  const { hiddenSize, layers } = config.text;
  const offsets = kept?.offsets ?? null;
  let x = embeddings(builder, config, 'decoder', ids, offsets);
  const cross: { query: ValueId; keyValue: ValueId }[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const fresh = keyValueOf(builder, x, selfTensors(config, 'decoder', layer));
    const state = `decoder.${layer}.cross`;
    const seen =
      'kept' in encoded
        ? builder.state([sources * encoded.tokens, 2 * hiddenSize], state)
        : keep(
            builder,
            crossKeyValue(builder, config, 'decoder', layer, encoded),
            kept === null ? null : state,
            sources,
          );
    const result = block(builder, config, 'decoder', layer, x, {
      among: {
        keyValue: kept === null ? fresh : continued(builder, `decoder.${layer}.self`, fresh, rows, kept),
        batch: rows,
        causal: true,
        lengths: null,
        offsets,
      },
      cross: { keyValue: seen, batch: sources, lengths: encoded.lengths },
      dropout,
    });
    x = result.x;
    cross.push({ query: result.crossQuery, keyValue: seen });
  }
  if (last) x = pool(builder, x, null, rows, 'last');
  return { logits: head(builder, config, x), cross };
}

function embeddings(
  builder: GraphBuilder,
  config: BlipConfig,
  part: TextPart,
  ids: ValueId,
  offsets: ValueId | null,
): ValueId {
  const tensors = textEmbeddingTensors(config, part);
  const x = tokenEmbedding(builder, ids, single(builder, tensors.table), single(builder, tensors.positions), {
    offsets,
    padding: config.text.padId,
  });
  return norm(builder, x, tensors.norm, config.text.layerNormEpsilon);
}

/** Keys and values, and which of them a query sees. */
interface Seen {
  readonly keyValue: ValueId;
  readonly batch: number;
  readonly lengths: ValueId | null;
}

interface BlockOptions {
  readonly among: Seen & { readonly causal: boolean; readonly offsets: ValueId | null };
  readonly cross: Seen;
  readonly dropout: number;
}

/** Post-norm block: attention among tokens, attention to what is encoded, MLP; after each the sum with what went in is normed. */
function block(
  builder: GraphBuilder,
  config: BlipConfig,
  part: TextPart,
  layer: number,
  x: ValueId,
  { among, cross, dropout }: BlockOptions,
): { readonly x: ValueId; readonly crossQuery: ValueId } {
  const { heads, activation, layerNormEpsilon } = config.text;
  const tensors = textBlockTensors(config, part, layer);
  const { keyValue, ...selfSees } = among;
  const query = dense(builder, x, tensors.self.query);
  const attended = crossAttention(builder, query, keyValue, { ...selfSees, heads, dropout });
  const own = norm(
    builder,
    dense(builder, attended, tensors.self.out, { residual: x }),
    tensors.self.norm,
    layerNormEpsilon,
  );
  const crossQuery = dense(builder, own, tensors.cross.query);
  const { keyValue: encoded, ...sees } = cross;
  const looked = crossAttention(builder, crossQuery, encoded, { ...sees, heads, dropout });
  const both = norm(
    builder,
    dense(builder, looked, tensors.cross.out, { residual: own }),
    tensors.cross.norm,
    layerNormEpsilon,
  );
  const wide = dense(builder, both, tensors.mlp.fc1, { activation });
  const y = norm(
    builder,
    dense(builder, wide, tensors.mlp.fc2, { residual: both }),
    tensors.mlp.norm,
    layerNormEpsilon,
  );
  return { x: y, crossQuery };
}

interface KeyValue {
  readonly key: Affine;
  readonly value: Affine;
}

function selfTensors(config: BlipConfig, part: TextPart, layer: number): KeyValue {
  return textBlockTensors(config, part, layer).self;
}

function crossKeyValue(
  builder: GraphBuilder,
  config: BlipConfig,
  part: TextPart,
  layer: number,
  { states }: EncodedTokens,
): ValueId {
  return keyValueOf(builder, states, textBlockTensors(config, part, layer).cross);
}

/** Key and value of each token side by side, by one product. */
function keyValueOf(builder: GraphBuilder, x: ValueId, { key, value }: KeyValue): ValueId {
  const [width = 0, inner = 0] = key.weight.shape;
  const weight = builder.parameter([2 * width, inner], key.weight, value.weight);
  return linear(builder, x, weight, { bias: builder.parameter([2 * width], key.bias, value.bias) });
}

/** Keeps keys and values for later runs under a name, where there are any. */
function keep(builder: GraphBuilder, keyValue: ValueId, name: string | null, batch: number): ValueId {
  return name === null
    ? keyValue
    : writeRows(builder, builder.state(builder.shape(keyValue), name), keyValue, { batch });
}

/** Keys and values of the tokens before, in the order in which rows go on, with the fresh ones behind them. */
function continued(
  builder: GraphBuilder,
  name: string,
  fresh: ValueId,
  rows: number,
  { capacity, offsets, parents }: KeptTokens,
): ValueId {
  const [, width = 0] = builder.shape(fresh);
  const state = builder.state([rows * capacity, width], name);
  const before =
    parents === null
      ? state
      : writeRows(builder, state, gatherRows(builder, state, parents, capacity), { batch: rows });
  return writeRows(builder, before, fresh, { batch: rows, offsets });
}

/** From the last block to the logits; the table of tokens serves a second time. */
function head(builder: GraphBuilder, config: BlipConfig, x: ValueId): ValueId {
  const { activation, layerNormEpsilon } = config.text;
  const { transform, norm: normed, bias } = headTensors(config);
  const turned = norm(builder, dense(builder, x, transform, { activation }), normed, layerNormEpsilon);
  const { table } = textEmbeddingTensors(config, 'decoder');
  return linear(builder, turned, single(builder, table), { bias: single(builder, bias) });
}
