import { copyElements } from '../../kernels/elementwise';
import type { OpLowering } from '../lowering';
import { dropoutMask } from './kernels';
import type { DropoutNode } from './node';

export const dropoutLowering: OpLowering<DropoutNode> = {
  saves: () => false,

  forward(lowering, node) {
    const { builder, scalars } = lowering;
    const at = lowering.operand.bind(lowering);
    const count = lowering.count(node.x);
    if (scalars === null) {
      builder.dispatch(copyElements(count, { accumulate: false }), [at(node.x), at(node.y)]);
      return;
    }
    const kernel = dropoutMask(count, {
      probability: node.probability,
      salt: lowering.salt(node),
      accumulate: false,
    });
    builder.dispatch(kernel, [at(node.x), scalars, at(node.y)]);
  },

  backward(pass, { node, accumulate }) {
    const { lowering } = pass;
    const { builder, scalars } = lowering;
    const count = lowering.count(node.x);
    const adds = accumulate.has(node.x);
    const [from, to] = [pass.gradient(node.y), pass.gradient(node.x)];
    if (scalars === null) {
      builder.dispatch(copyElements(count, { accumulate: adds }), [from, to]);
      return;
    }
    const kernel = dropoutMask(count, {
      probability: node.probability,
      salt: lowering.salt(node),
      accumulate: adds,
    });
    builder.dispatch(kernel, [from, scalars, to]);
  },
};
