import type { ParameterPart } from '../../../engine/graph/value';
import { pairOf } from '../../../model/architecture';
import type { Architecture, Reading, Tower } from '../../../model/families/family';
import type { Task } from '../../../recipe/schema';

/** Recipes of the tasks that put a head on the towers. */
export type HeadTask = Extract<Task, { readonly head: unknown }>;

/** What the head reads of one tower. */
export interface HeadReading {
  readonly tower: Tower;
  readonly reading: Reading;
  readonly width: number;
}

/** A head in figures: what it reads, how that comes together, and what comes out. */
export interface HeadShape {
  /** Of the picture and of the words; null for what it does not read. */
  readonly picture: HeadReading | null;
  readonly words: HeadReading | null;
  /** Null where there is nothing to bring together. */
  readonly fusion: HeadTask['fusion'] | null;
  readonly head: HeadTask['head'];
  /** Of the hidden layer and the gate, and of the tokens in attention. */
  readonly width: number;
  readonly dropout: number;
  readonly blocks: number;
  readonly heads: number;
  /** Numbers that come out for each sample. */
  readonly outputs: number;
  /**
   * One weighted sum, compared with a rising threshold for each output: the probabilities that the class lies above the first, the second … (CORAL: Cao,
   * Mirjalili and Raschka 2020, arXiv 1901.07884).
   */
  readonly ordered: boolean;
}

/** The head that a recipe asks for on a model. */
export function headShape(
  task: HeadTask,
  architecture: Architecture,
  { outputs, ordered }: Pick<HeadShape, 'outputs' | 'ordered'>,
): HeadShape {
  const { input, head, headWidth, headDropout: dropout, fusionBlocks: blocks, fusionHeads: heads } = task;
  const fusion = input === 'both' ? task.fusion : null;
  const tokens = fusion === 'attention';
  const { towers, featureSize } = pairOf(architecture);
  const width = tokens ? heads * Math.ceil(headWidth / heads) : headWidth;
  return {
    picture:
      input === 'words'
        ? null
        : { tower: 'vision', reading: tokens ? 'tokens' : 'patch-mean', width: towers.vision.width },
    words:
      input === 'picture'
        ? null
        : tokens
          ? { tower: 'text', reading: 'tokens', width: towers.text.width }
          : { tower: 'text', reading: 'embedding', width: featureSize },
    fusion,
    head,
    width,
    dropout,
    blocks,
    heads,
    outputs,
    ordered,
  };
}

/** Whether it is a linear layer on the mean of the patches and nothing else: the head of Transformers' image classifiers. */
export function isPlain({ picture, words, head, ordered }: HeadShape): boolean {
  return picture !== null && words === null && head === 'linear' && !ordered;
}

/** The last layer's tensors, as image classifiers of Transformers name them. */
export const headWeight = 'classifier.weight';
export const headBias = 'classifier.bias';

/** How a tensor of the head begins: small random numbers by how many are added up, or all alike. */
export type Start =
  { readonly kind: 'random'; readonly spread: number } | { readonly kind: 'all'; readonly value: 0 | 1 };

export interface HeadPart extends ParameterPart {
  readonly start: Start;
}

const zeros = { kind: 'all', value: 0 } as const;

function matrix(name: string, rows: number, columns: number, gain = 1): HeadPart {
  return { name, shape: [rows, columns], start: { kind: 'random', spread: gain / Math.sqrt(columns) } };
}

/** Weight and bias of a linear layer from `columns` to `rows`. */
export function layerParts(name: string, rows: number, columns: number, gain = 1): readonly [HeadPart, HeadPart] {
  return [matrix(`${name}.weight`, rows, columns, gain), { name: `${name}.bias`, shape: [rows], start: zeros }];
}

/** Weight and bias of a layer norm. */
export function normParts(name: string, width: number): readonly [HeadPart, HeadPart] {
  return [
    { name: `${name}.weight`, shape: [width], start: { kind: 'all', value: 1 } },
    { name: `${name}.bias`, shape: [width], start: zeros },
  ];
}

/** The vector that stands for what is missing. */
export function missingPart(name: string, width: number): HeadPart {
  return { name: `${name}_missing`, shape: [width], start: zeros };
}

/** Factor from the width of tokens to that of the hidden layer behind their attention. */
export const widening = 2;

/** What the last layer reads. */
function fusedWidth({ picture, words, fusion, width }: HeadShape): number {
  if (fusion === 'gate') return width;
  if (fusion === 'attention') return 2 * width;
  return (picture?.width ?? 0) + (words?.width ?? 0);
}

/** All tensors of the last layer. */
export function classifierParts(shape: HeadShape): readonly [HeadPart, HeadPart] {
  const read = shape.head === 'mlp' ? shape.width : fusedWidth(shape);
  return [
    { name: headWeight, shape: [shape.ordered ? 1 : shape.outputs, read], start: zeros },
    { name: headBias, shape: [shape.outputs], start: zeros },
  ];
}
