import { gradientMode } from '../../webgpu/lower-backward';
import type { OpLowering } from '../lowering';
import { gateBackward, gateForward } from './kernels';
import type { GateNode } from './node';

export const gateLowering: OpLowering<GateNode> = {
  saves: () => false,

  forward(lowering, { gate, a, b, y }) {
    const operands = [gate, a, b, y].map((id) => lowering.operand(id));
    lowering.builder.dispatch(gateForward(lowering.count(y)), operands);
  },

  backward(pass, step) {
    const { lowering } = pass;
    const { gate, a, b, y } = step.node;
    const modes = { gate: gradientMode(step, gate), a: gradientMode(step, a), b: gradientMode(step, b) };
    const read = modes.gate === 'none' ? [gate] : [gate, a, b];
    lowering.builder.dispatch(gateBackward(lowering.count(y), modes), [
      ...read.map((id) => lowering.operand(id)),
      pass.gradient(y),
      ...[gate, a, b].filter((id) => step.gradients.has(id)).map((id) => pass.gradient(id)),
    ]);
  },
};
