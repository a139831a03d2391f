import { elementCount, type ValueId } from '../../graph/value';
import { fits, matrixOf, type NodeBuilder, type Operation } from '../operation';

/**
 * Cross-entropy of rows of logits `[rows, classes]` with target classes (i32 `[rows]`), as `torch.nn.CrossEntropyLoss` computes it with
 * `weight`, `ignore_index` and `label_smoothing` ε: with class weights w, row weights r and log-probabilities ℓ,
 *
 * `loss = Σ_i r_i ((1 - ε) w_{t_i} · -ℓ_{i,t_i} + ε / classes · Σ_c w_c · -ℓ_{i,c}) / Σ_i r_i w_{t_i}`.
 *
 * With a focus γ above 0, and then without smoothing, each row is multiplied by `(1 - exp ℓ_{i,t_i})^γ`: the focal loss (Lin et al. 2017, arXiv 1708.02002),
 * which spares what is right already.
 *
 * With `reduction` `sum` nothing is divided.
 *
 * Rows with a negative target count nothing. Where no row counts, the loss and its gradient are 0.
 */
export interface CrossEntropyNode {
  readonly op: 'crossEntropy';
  readonly logits: ValueId;
  readonly targets: ValueId;
  /** f32 `[rows]`, not negative. Null: all 1. */
  readonly rowWeights: ValueId | null;
  /** f32 `[classes]`, not negative. Null: all 1. */
  readonly classWeights: ValueId | null;
  readonly labelSmoothing: number;
  /** γ, not negative. */
  readonly focus: number;
  readonly reduction: 'mean' | 'sum';
  readonly y: ValueId;
}

export const crossEntropyOperation: Operation<CrossEntropyNode> = {
  op: 'crossEntropy',
  reads: ['logits', 'targets', 'rowWeights', 'classWeights'],
  shape({ logits, targets, rowWeights, classWeights, labelSmoothing, focus }, shapeOf) {
    const [rows, classes] = matrixOf(shapeOf(logits), 'the logits of crossEntropy');
    const count = (id: ValueId): number => elementCount(shapeOf(id));
    fits(count(targets) === rows, 'crossEntropy: the targets do not match the logits');
    fits(rowWeights === null || count(rowWeights) === rows, 'crossEntropy: the row weights do not match the logits');
    fits(classWeights === null || count(classWeights) === classes, 'crossEntropy: the class weights do not match');
    fits(focus === 0 || (focus > 0 && labelSmoothing === 0), 'crossEntropy: a focus goes without label smoothing');
    return [];
  },
  keptForBackward: ({ logits }) => [logits],
  // Four numbers for each row.
  statisticsBytes: ({ targets }, bytes) => 4 * bytes(targets),
  roundsWell: () => false,
  exactInputs: ({ logits }) => [logits],
  loss: {
    compared: ({ logits }) => [logits],
    perSample: ({ targets, rowWeights }) => [targets, ...(rowWeights === null ? [] : [rowWeights])],
    passingBytes: (rows) => 16 * rows,
    logScale: () => null,
  },
};

export function crossEntropy(
  builder: NodeBuilder<CrossEntropyNode>,
  logits: ValueId,
  targets: ValueId,
  options: {
    readonly rowWeights?: ValueId | null;
    readonly classWeights?: ValueId | null;
    readonly labelSmoothing?: number;
    readonly focus?: number;
    readonly reduction?: 'mean' | 'sum';
  } = {},
): ValueId {
  const { rowWeights = null, classWeights = null, labelSmoothing = 0, focus = 0, reduction = 'mean' } = options;
  return builder.add({
    op: 'crossEntropy',
    logits,
    targets,
    rowWeights,
    classWeights,
    labelSmoothing,
    focus,
    reduction,
  });
}
