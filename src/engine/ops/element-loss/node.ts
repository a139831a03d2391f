import { elementCount, type ValueId } from '../../graph/value';
import { fits, matrixOf, type NodeBuilder, type Operation } from '../operation';

/**
 * What one predicted number z costs against its target t:
 * - `squared`: `(z - t)²`, as `torch.nn.MSELoss`
 * - `huber`: `(z - t)² / 2` up to a distance δ, `δ (|z - t| - δ / 2)` beyond, as `torch.nn.HuberLoss`
 * - `binary`: `-(w t log σ(z) + (1 - t) log σ(-z))` with the column's weight w of positives, as `torch.nn.BCEWithLogitsLoss` with `pos_weight`. With
 *   a focus γ above 0 the two terms are multiplied by `σ(-z)^γ` and `σ(z)^γ`: the focal loss (Lin et al. 2017, arXiv 1708.02002), which spares what is
 *   right already.
 */
export type ElementCost =
  | { readonly kind: 'squared' }
  | { readonly kind: 'huber'; readonly delta: number }
  | { readonly kind: 'binary'; readonly focus: number };

/**
 * The mean cost of the elements of predictions `[rows, columns]` against targets f32 `[rows, columns]`, each weighted by weights f32 `[rows, columns]`,
 * which are not negative: `Σ w · cost / Σ w`. Padding and what is unknown weigh 0. Where nothing counts, the loss and its gradient are 0.
 */
export interface ElementLossNode {
  readonly op: 'elementLoss';
  readonly predicted: ValueId;
  readonly targets: ValueId;
  readonly weights: ValueId;
  /** f32 `[columns]`, of `binary`. Null: all 1. */
  readonly positiveWeights: ValueId | null;
  readonly cost: ElementCost['kind'];
  /** δ of `huber`, γ of `binary`. */
  readonly bend: number;
  readonly y: ValueId;
}

export const elementLossOperation: Operation<ElementLossNode> = {
  op: 'elementLoss',
  reads: ['predicted', 'targets', 'weights', 'positiveWeights'],
  shape({ predicted, targets, weights, positiveWeights, cost, bend }, shapeOf) {
    const [rows, columns] = matrixOf(shapeOf(predicted), 'what elementLoss is given as predicted');
    const count = (id: ValueId): number => elementCount(shapeOf(id));
    fits(count(targets) === rows * columns, 'elementLoss: the targets do not match what is predicted');
    fits(count(weights) === rows * columns, 'elementLoss: the weights do not match what is predicted');
    fits(positiveWeights === null || cost === 'binary', 'elementLoss: only binary targets have positives');
    fits(positiveWeights === null || count(positiveWeights) === columns, 'elementLoss: a weight for each column');
    fits(cost === 'huber' ? bend > 0 : bend >= 0, 'elementLoss: delta is above 0, and a focus not below');
    return [];
  },
  keptForBackward: ({ predicted }) => [predicted],
  // Two numbers for each row, which are never more than the weights.
  statisticsBytes: ({ weights }, bytes) => 2 * bytes(weights),
  roundsWell: () => false,
  exactInputs: ({ predicted }) => [predicted],
  loss: {
    compared: ({ predicted }) => [predicted],
    perSample: ({ targets, weights }) => [targets, weights],
    passingBytes: (rows) => 8 * rows,
    logScale: () => null,
  },
};

export function elementLoss(
  builder: NodeBuilder<ElementLossNode>,
  predicted: ValueId,
  values: { readonly targets: ValueId; readonly weights: ValueId; readonly positiveWeights?: ValueId | null },
  cost: ElementCost,
): ValueId {
  const { targets, weights, positiveWeights = null } = values;
  const bend = cost.kind === 'huber' ? cost.delta : cost.kind === 'binary' ? cost.focus : 0;
  return builder.add({ op: 'elementLoss', predicted, targets, weights, positiveWeights, cost: cost.kind, bend });
}
