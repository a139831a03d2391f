import type { ValueId } from '../../graph/value';
import type { BackwardLowering } from '../../webgpu/lower-backward';
import type { Lowering } from '../../webgpu/lowering';
import type { Operand } from '../../webgpu/plan';
import type { StepOf } from '../lowering';
import { adapterBackDown, adapterColumns, adapterDown, adapterUp, type AdapterShape } from './adapter-kernels';
import { linearBackwardInput, linearBackwardWeight } from './kernels';
import type { LinearAdapter, LinearNode } from './node';
import { linearVariant } from './tuning';

/**
 * Adds what the adapters of a node make of x to z `[rows, columns]`.
 *
 * @returns of each adapter `scale · x · aᵀ`, which its gradients need
 */
export function addAdapters(lowering: Lowering, node: LinearNode, z: Operand): readonly Operand[] {
  const at = lowering.operand.bind(lowering);
  const { builder, choice } = lowering;
  return node.adapters.map((adapter) => {
    const shape = adapterShape(lowering, node, adapter);
    const { rows, inner, rank, columns } = shape;
    const down = lowering.scratch(rows * rank);
    const [first, second] = [
      linearVariant(choice, 'forward', { rows, inner, columns: rank }),
      linearVariant(choice, 'forward', { rows, inner: rank, columns }),
    ];
    builder.dispatch(adapterDown(shape, adapter.scale, first), [at(node.x), at(adapter.a), down]);
    builder.dispatch(adapterUp(shape, second), [down, at(adapter.b), z]);
    return down;
  });
}

/** What the gradients of an adapter leave for that of x: `scale · dz · b`. */
export interface AdapterFlow {
  readonly adapter: LinearAdapter;
  readonly dDown: Operand;
}

/** Records the gradients of the adapters' own matrices. */
export function adapterGradients(
  pass: BackwardLowering,
  { node, gradients, accumulate }: StepOf<LinearNode>,
  dz: Operand,
  downs: readonly Operand[],
): readonly AdapterFlow[] {
  const { lowering } = pass;
  const { builder, choice } = lowering;
  const written = new Set(accumulate);
  const weightGradient = (id: ValueId, rows: number, inner: number, columns: number, flow: Operand, x: Operand) => {
    const shape = { rows, inner, columns };
    const options = { bias: false, accumulate: written.has(id) };
    const kernel = linearBackwardWeight(shape, options, linearVariant(choice, 'weight', shape));
    builder.dispatch(kernel, [flow, x, pass.gradient(id)]);
    // Two adapters of a node may share a matrix.
    written.add(id);
  };
  return node.adapters.flatMap((adapter, index) => {
    const { a, b, scale } = adapter;
    const down = downs[index];
    const through = gradients.has(node.x) || gradients.has(a);
    if (down === undefined || !(through || gradients.has(b))) return [];
    const shape = adapterShape(lowering, node, adapter);
    const { rows, inner, rank, columns, width } = shape;
    let part = dz;
    if (columns !== width) {
      part = lowering.scratch(rows * columns, lowering.storage(node.y));
      builder.dispatch(adapterColumns(shape), [dz, part]);
    }
    if (gradients.has(b)) weightGradient(b, rows, rank, columns, part, down);
    if (!through) return [];
    const dDown = lowering.scratch(rows * rank);
    const variant = linearVariant(choice, 'input', { rows, inner: rank, columns });
    builder.dispatch(adapterBackDown(shape, scale, variant), [part, lowering.operand(b), dDown]);
    if (gradients.has(a)) weightGradient(a, rows, inner, rank, dDown, lowering.operand(node.x));
    return [{ adapter, dDown }];
  });
}

/**
 * Adds the part of the adapters to the gradient of x.
 *
 * @param derivative what the finished gradient is multiplied by, if anything (`LinearBackwardInputOptions`)
 */
export function addInputGradients(
  pass: BackwardLowering,
  node: LinearNode,
  flows: readonly AdapterFlow[],
  derivative: Operand | null,
): void {
  const { lowering } = pass;
  flows.forEach(({ adapter, dDown }, index) => {
    const { rows, inner, rank } = adapterShape(lowering, node, adapter);
    const shape = { rows, inner, columns: rank };
    const last = index === flows.length - 1 ? derivative : null;
    const kernel = linearBackwardInput(
      shape,
      { accumulate: true, derivative: last !== null },
      linearVariant(lowering.choice, 'input', shape),
    );
    const extra = last === null ? [] : [last];
    lowering.builder.dispatch(kernel, [dDown, lowering.operand(adapter.a), ...extra, pass.gradient(node.x)]);
  });
}

function adapterShape(lowering: Lowering, node: LinearNode, { a, b, column }: LinearAdapter): AdapterShape {
  const { rows, inner, columns: width } = lowering.linearShape(node.x, node.weight);
  const [rank] = lowering.matrix(a);
  const [columns] = lowering.matrix(b);
  return { rows, inner, rank, columns, column, width };
}
