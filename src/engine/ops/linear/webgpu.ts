import { adapterGradients, addAdapters, addInputGradients } from './adapters-webgpu';
import {
  activationBackward,
  activationForward,
  linearBackwardInput,
  linearBackwardWeight,
  linearForward,
} from './kernels';
import { positionsBackward } from '../token-embedding/kernels';
import type { BackwardLowering } from '../../webgpu/lower-backward';
import type { Operand } from '../../webgpu/plan';
import type { OpLowering, StepOf } from '../lowering';
import type { LinearNode } from './node';
import { linearVariant } from './tuning';

/** What forward leaves. */
interface Saved {
  /** The derivative of the activation, shaped as the result; null without activation. */
  readonly derivative: Operand | null;
  /** Of each adapter `scale · x · aᵀ`. */
  readonly downs: readonly Operand[];
}

export const linearLowering: OpLowering<LinearNode> = {
  saves: ({ activation, adapters }) => activation !== 'none' || adapters.length > 0,

  forward(lowering, node, save) {
    const at = lowering.operand.bind(lowering);
    const { activation, adapters } = node;
    const shape = lowering.linearShape(node.x, node.weight);
    const count = shape.rows * shape.columns;
    const derivative = save && activation !== 'none' ? lowering.scratch(count, lowering.storage(node.y)) : null;
    const bias = node.bias === null ? [] : [at(node.bias)];
    const residual = node.residual === null ? [] : [at(node.residual)];
    const saved = derivative === null ? [] : [derivative];
    const options = { residual: node.residual !== null, activation, saveDerivative: derivative !== null };
    // Adapters add to the product, so where they do, the activation has to wait for them.
    const waits = adapters.length > 0 && activation !== 'none';
    const kernel = linearForward(
      shape,
      {
        ...(waits ? { residual: false, activation: 'none', saveDerivative: false } : options),
        bias: node.bias !== null,
      },
      linearVariant(lowering.choice, 'forward', shape),
    );
    const product = waits ? lowering.scratch(count) : at(node.y);
    const rest = waits ? [product] : [...residual, product, ...saved];
    lowering.builder.dispatch(kernel, [at(node.x), at(node.weight), ...bias, ...rest]);
    const downs = addAdapters(lowering, node, product);
    if (waits) {
      lowering.builder.dispatch(activationForward(count, options), [product, ...residual, at(node.y), ...saved]);
    }
    if (save) lowering.keep<Saved>(node, { derivative, downs });
  },

  backward(pass, step) {
    const { lowering } = pass;
    const { builder } = lowering;
    const { node, gradients, accumulate } = step;
    const { x, weight, residual } = node;
    const shape = lowering.linearShape(x, weight);
    const dy = pass.gradient(node.y);
    const needsProduct = [...gradients].some((id) => id !== residual) || residual === x;
    let dz = dy;
    if (needsProduct && node.activation !== 'none' && !pass.folded.has(node.y)) {
      const { derivative } = lowering.kept<Saved>(node);
      if (derivative === null) throw new Error('Forward saved no derivative of the activation.');
      dz = lowering.scratch(shape.rows * shape.columns, lowering.storage(node.y));
      builder.dispatch(activationBackward(shape.rows * shape.columns), [dy, derivative, dz]);
    }
    parameterGradients(pass, step, dz);
    const flows = node.adapters.length === 0 ? [] : adapterGradients(pass, step, dz, lowering.kept<Saved>(node).downs);
    if (gradients.has(x)) {
      const derivative = foldsInto(pass, node);
      // The derivative takes the finished gradient, so the last contribution applies it.
      const ownDerivative = flows.length === 0 ? derivative : null;
      const kernel = linearBackwardInput(
        shape,
        { accumulate: accumulate.has(x), derivative: ownDerivative !== null },
        linearVariant(lowering.choice, 'input', shape),
      );
      const extra = ownDerivative === null ? [] : [ownDerivative];
      builder.dispatch(kernel, [dz, lowering.operand(weight), ...extra, pass.gradient(x)]);
      addInputGradients(pass, node, flows, derivative);
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
