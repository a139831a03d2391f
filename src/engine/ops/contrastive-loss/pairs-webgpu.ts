import type { ValueId } from '../../graph/value';
import { gradientMode, type BackwardLowering } from '../../webgpu/lower-backward';
import type { Operand } from '../../webgpu/plan';
import type { StepOf } from '../lowering';
import type { NodeBase } from '../operation';
import { pairBackward } from './pairs';

/** A loss over all pairs of a batch's features `[batch, width]`. */
interface PairLossNode extends NodeBase {
  readonly image: ValueId;
  readonly text: ValueId;
}

/**
 * Records the gradients of the features and scalars of a loss over pairs, from its derivatives in the similarities.
 *
 * @param pairs `[batch, batch]`
 * @param scalars those that the loss reads
 */
export function throughPairs(
  pass: BackwardLowering,
  step: StepOf<PairLossNode>,
  pairs: Operand,
  { logitScale, logitBias }: { readonly logitScale: ValueId; readonly logitBias: ValueId | null },
): void {
  const { lowering } = pass;
  const { node, gradients, accumulate } = step;
  const at = lowering.operand.bind(lowering);
  const [batch, width] = lowering.matrix(node.image);
  // The kernel writes both features' gradients; where one tower is frozen, its half goes nowhere.
  const target = (id: ValueId): Operand =>
    gradients.has(id) && !accumulate.has(id) ? pass.gradient(id) : lowering.scratch(batch * width);
  const image = target(node.image);
  const text = target(node.text);
  const wanted = [logitScale, logitBias].flatMap((id) => (id !== null && gradients.has(id) ? [id] : []));
  const kernel = pairBackward(
    { batch, width },
    {
      logitScale: gradientMode(step, logitScale),
      logitBias: logitBias === null ? 'none' : gradientMode(step, logitBias),
    },
  );
  const scalars = wanted.length === 0 ? [] : [at(node.y), ...wanted.map((id) => pass.gradient(id))];
  lowering.builder.dispatch(kernel, [pairs, at(node.image), at(node.text), image, text, ...scalars]);
  if (accumulate.has(node.image)) pass.add(node.image, image, true);
  if (accumulate.has(node.text)) pass.add(node.text, text, true);
}
