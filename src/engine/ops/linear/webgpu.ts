import { activationBackward, linearBackwardInput, linearBackwardWeight, linearForward } from './kernels';
import { positionsBackward } from '../token-embedding/kernels';
import type { BackwardLowering } from '../../webgpu/lower-backward';
import type { Operand } from '../../webgpu/plan';
import type { OpLowering, StepOf } from '../lowering';
import type { LinearNode } from './node';
import { linearVariant } from './tuning';

/** What forward leaves: the derivative of the activation, shaped as the result. */
interface Saved {
  readonly derivative: Operand;
}

export const linearLowering: OpLowering<LinearNode> = {
  saves: ({ activation }) => activation !== 'none',

  forward(lowering, node, save) {
    const at = lowering.operand.bind(lowering);
    const shape = lowering.linearShape(node.x, node.weight);
    const saveDerivative = save && node.activation !== 'none';
    const kernel = linearForward(
      shape,
      { bias: node.bias !== null, residual: node.residual !== null, activation: node.activation, saveDerivative },
      linearVariant(lowering.choice, 'forward', shape),
    );
    const operands = [at(node.x), at(node.weight)];
    if (node.bias !== null) operands.push(at(node.bias));
    if (node.residual !== null) operands.push(at(node.residual));
    operands.push(at(node.y));
    if (saveDerivative) {
      const derivative = lowering.scratch(shape.rows * shape.columns, lowering.storage(node.y));
      operands.push(derivative);
      lowering.keep<Saved>(node, { derivative });
    }
    lowering.builder.dispatch(kernel, operands);
  },

  backward(pass, step) {
    const { lowering } = pass;
    const { builder } = lowering;
    const { node, gradients, accumulate } = step;
    const { x, weight, bias, residual } = node;
    const shape = lowering.linearShape(x, weight);
    const dy = pass.gradient(node.y);
    const needsProduct = gradients.has(x) || gradients.has(weight) || (bias !== null && gradients.has(bias));
    let dz = dy;
    if (needsProduct && node.activation !== 'none' && !pass.folded.has(node.y)) {
      const { derivative } = lowering.kept<Saved>(node);
      dz = lowering.scratch(shape.rows * shape.columns, lowering.storage(node.y));
      builder.dispatch(activationBackward(shape.rows * shape.columns), [dy, derivative, dz]);
    }
    parameterGradients(pass, step, dz);
    if (gradients.has(x)) {
      const derivative = foldsInto(pass, node);
      const kernel = linearBackwardInput(
        shape,
        { accumulate: accumulate.has(x), derivative: derivative !== null },
        linearVariant(lowering.choice, 'input', shape),
      );
      const extra = derivative === null ? [] : [derivative];
      builder.dispatch(kernel, [dz, lowering.operand(weight), ...extra, pass.gradient(x)]);
      if (derivative !== null) pass.folded.add(x);
    }
    if (residual !== null && gradients.has(residual)) {
      // Nothing reads dy any more (see `differentiate`), so the residual's gradient can take over its memory.
      if (residual === x || accumulate.has(residual)) pass.add(residual, dy, true);
      else if (pass.isParameter(residual)) pass.add(residual, dy, false);
      else pass.seed(residual, dy);
    }
  },
};

function parameterGradients(
  pass: BackwardLowering,
  { node, gradients, accumulate }: StepOf<LinearNode>,
  dz: Operand,
): void {
  const { lowering } = pass;
  const { builder } = lowering;
  const { x, weight, bias } = node;
  const shape = lowering.linearShape(x, weight);
  const wantsBias = bias !== null && gradients.has(bias);
  const together = wantsBias && gradients.has(weight) && accumulate.has(bias) === accumulate.has(weight);
  if (gradients.has(weight)) {
    const kernel = linearBackwardWeight(
      shape,
      { bias: together, accumulate: accumulate.has(weight) },
      linearVariant(lowering.choice, 'weight', shape),
    );
    const extra = together ? [pass.gradient(bias)] : [];
    builder.dispatch(kernel, [dz, lowering.operand(x), pass.gradient(weight), ...extra]);
  }
  if (wantsBias && !together) {
    const sums = positionsBackward(
      { batch: shape.rows, tokens: 1, width: shape.columns },
      { accumulate: accumulate.has(bias) },
    );
    builder.dispatch(sums, [dz, pass.gradient(bias)]);
  }
}

/** The saved derivative that the gradient of `node.x` can be multiplied by on its way: x is activated and only this node reads it. */
function foldsInto(pass: BackwardLowering, { x }: LinearNode): Operand | null {
  const producer = pass.producer(x);
  if (producer?.op !== 'linear' || producer.activation === 'none' || producer.residual !== null) return null;
  return pass.readers(x) === 1 ? (pass.lowering.keptIfAny<Saved>(producer)?.derivative ?? null) : null;
}
