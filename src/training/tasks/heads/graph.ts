import type { GraphBuilder } from '../../../engine/graph/builder';
import type { ParameterPart, ValueId } from '../../../engine/graph/value';
import { crossAttention } from '../../../engine/ops/attention/node';
import { concat } from '../../../engine/ops/concat/node';
import { dropout } from '../../../engine/ops/dropout/node';
import { fillMissing } from '../../../engine/ops/fill-missing/node';
import { gate } from '../../../engine/ops/gate/node';
import { layerNorm } from '../../../engine/ops/layer-norm/node';
import { linear } from '../../../engine/ops/linear/node';
import type { Activation } from '../../../engine/ops/linear/node';
import { pool } from '../../../engine/ops/pool/node';
import { tokenMean } from '../../../engine/ops/token-mean/node';
import {
  classifierParts,
  isPlain,
  layerParts,
  missingPart,
  normParts,
  widening,
  type HeadPart,
  type HeadShape,
} from './shape';

/** Graph inputs of a head beside what the towers give, each i32 `[batch]`. */
export const headInputs = {
  /** 0 where the picture of a sample, or its words, are missing. */
  picturePresent: 'picture_present',
  wordsPresent: 'words_present',
  /** Tokens of a sample that count; 1 where it is missing. */
  pictureLengths: 'picture_lengths',
  wordLengths: 'word_lengths',
  /** The last token of its words that counts. */
  wordEnds: 'word_ends',
} as const;

/** A parameter of ones, `[outputs, 1]`, that is never trained: it gives each threshold the one weighted sum. */
export const onesPart = ({ outputs }: Pick<HeadShape, 'outputs'>): ParameterPart => ({
  name: 'ordinal_ones',
  shape: [outputs, 1],
});

const normEpsilon = 1e-5;

/** What comes out of a head. */
export interface HeadValues {
  /** What its last layer reads, `[batch, width]`. */
  readonly read: ValueId;
  /** `[batch, outputs]`. */
  readonly logits: ValueId;
}

/** Says which tensors a head has, in the order in which it uses them. */
type Noted = (part: HeadPart) => void;

/**
 * Adds a head to a graph.
 *
 * @param values what the towers give, as the shape says it: features `[batch, width]`, or tokens `[batch * tokens, width]`
 */
export function addHead(
  builder: GraphBuilder,
  shape: HeadShape,
  batch: number,
  values: { readonly picture: ValueId | null; readonly words: ValueId | null },
  noted: Noted = () => undefined,
): HeadValues {
  const head = new HeadBuilder(builder, shape, batch, noted);
  let x = head.fused(values.picture, values.words);
  if (!isPlain(shape)) x = dropout(builder, x, shape.dropout);
  if (shape.head === 'mlp') {
    x = head.layer('head.dense', shape.width, x, { activation: 'gelu' });
    x = dropout(builder, x, shape.dropout);
  }
  const [weight, bias] = classifierParts(shape);
  if (!shape.ordered) {
    return { read: x, logits: linear(builder, x, head.parameter(weight), { bias: head.parameter(bias) }) };
  }
  const sum = linear(builder, x, head.parameter(weight));
  const ones = onesPart(shape);
  return { read: x, logits: linear(builder, sum, builder.parameter(ones.shape, ones), { bias: head.parameter(bias) }) };
}

class HeadBuilder {
  constructor(
    private readonly builder: GraphBuilder,
    private readonly shape: HeadShape,
    private readonly batch: number,
    private readonly noted: Noted,
  ) {}

  parameter(part: HeadPart): ValueId {
    this.noted(part);
    return this.builder.parameter(part.shape, { name: part.name, shape: part.shape });
  }

  layer(
    name: string,
    width: number,
    x: ValueId,
    options: { readonly activation?: Activation; readonly residual?: ValueId; readonly gain?: number } = {},
  ): ValueId {
    const { gain, ...rest } = options;
    const [weight, bias] = layerParts(name, width, this.builder.shape(x)[1] ?? 0, gain);
    return linear(this.builder, x, this.parameter(weight), { bias: this.parameter(bias), ...rest });
  }

  norm(name: string, x: ValueId): ValueId {
    const [weight, bias] = normParts(name, this.builder.shape(x)[1] ?? 0);
    return layerNorm(this.builder, x, this.parameter(weight), this.parameter(bias), normEpsilon);
  }

  /** What the rest of the head reads, `[batch, fusedWidth]`. */
  fused(picture: ValueId | null, words: ValueId | null): ValueId {
    const { builder, shape } = this;
    if (picture === null || words === null) {
      const only = picture ?? words;
      if (only === null) throw new Error('A head reads pictures, words or both.');
      // Features of words have length 1, so that their elements are small; means of patches have any size.
      return isPlain(shape) ? only : this.norm(picture === null ? 'head.words_norm' : 'head.picture_norm', only);
    }
    if (shape.fusion === 'attention') return this.attended(picture, words);
    const seen = this.filled('picture', this.norm('head.picture_norm', picture));
    const read = this.filled('words', this.norm('head.words_norm', words));
    const both = concat(builder, seen, read);
    if (shape.fusion === 'concat') return both;
    const share = this.layer('head.gate', shape.width, both);
    const ofPicture = this.layer('head.picture', shape.width, seen, { activation: 'gelu' });
    return gate(builder, share, ofPicture, this.layer('head.words', shape.width, read, { activation: 'gelu' }));
  }

  /** A learned vector in the place of what is missing. */
  private filled(which: 'picture' | 'words', x: ValueId): ValueId {
    const present = which === 'picture' ? headInputs.picturePresent : headInputs.wordsPresent;
    const fill = this.parameter(missingPart(`head.${which}`, this.builder.shape(x)[1] ?? 0));
    return fillMissing(this.builder, x, this.builder.input(present, 'i32', [this.batch]), fill);
  }

  /**
   * Co-attention (Lu et al. 2019, arXiv 1908.02265), pre-norm: in each block the tokens of the picture look at those of the words and the other way round.
   * The mean of the picture's tokens and the last of the words' are read.
   */
  private attended(picture: ValueId, words: ValueId): ValueId {
    const { builder, shape, batch } = this;
    const { width, blocks } = shape;
    const input = (name: string): ValueId => builder.input(name, 'i32', [batch]);
    const enter = (which: 'picture' | 'words', x: ValueId): ValueId =>
      this.filled(which, this.layer(`head.${which}`, width, this.norm(`head.${which}_norm`, x)));
    let seen = enter('picture', picture);
    let read = enter('words', words);
    for (let block = 0; block < blocks; block++) {
      const name = (which: string): string => `head.blocks.${block}.${which}`;
      const normedSeen = this.norm(name('picture.norm'), seen);
      const normedRead = this.norm(name('words.norm'), read);
      const [before, other] = [seen, read];
      seen = this.attends(name('picture'), before, normedSeen, normedRead, input(headInputs.wordLengths));
      read = this.attends(name('words'), other, normedRead, normedSeen, input(headInputs.pictureLengths));
    }
    const ofPicture = tokenMean(builder, this.norm('head.picture_out', seen), batch);
    const ofWords = pool(builder, this.norm('head.words_out', read), input(headInputs.wordEnds), batch);
    return concat(builder, ofPicture, ofWords);
  }

  /** One side of a block: attention to the other side, then two layers on each token, both added to what was there. */
  private attends(name: string, x: ValueId, normed: ValueId, other: ValueId, lengths: ValueId): ValueId {
    const { builder, shape, batch } = this;
    const { width, heads, blocks } = shape;
    // What blocks add is small at first, so that many of them do not drown what came in.
    const gain = 1 / Math.sqrt(2 * blocks);
    const attended = crossAttention(
      builder,
      this.layer(`${name}.query`, width, normed),
      this.layer(`${name}.key_value`, 2 * width, other),
      { batch, heads, lengths, dropout: shape.dropout },
    );
    const y = this.layer(`${name}.out`, width, attended, { residual: x, gain });
    const hidden = this.layer(`${name}.fc1`, widening * width, this.norm(`${name}.norm2`, y), { activation: 'gelu' });
    return this.layer(`${name}.fc2`, width, dropout(builder, hidden, shape.dropout), { residual: y, gain });
  }
}
