import type { OpLowering } from '../lowering';
import { patchify } from './kernels';
import type { PatchifyNode } from './node';
import { drawViews, finishViews, viewSums } from './view-kernels';

/** Pixels are no part of what is learnt, so there is nothing to do backward. */
export const patchifyLowering: OpLowering<PatchifyNode> = {
  saves: () => false,

  forward(lowering, node) {
    const at = lowering.operand.bind(lowering);
    const [batch = 1, side = 1] = lowering.shape(node.pixels);
    const { views, size, patch } = node;
    if (views === null) {
      lowering.builder.dispatch(patchify({ batch, size, patch }, node), [at(node.pixels), at(node.y)]);
      return;
    }
    const shape = { batch, side, size, patch };
    const { target } = lowering.choice;
    const sums = lowering.scratch(viewSums(shape));
    lowering.builder.dispatch(drawViews(shape, { target }), [at(node.pixels), at(views), at(node.y), sums]);
    lowering.builder.dispatch(finishViews(shape, { ...node, target }), [at(views), sums, at(node.y)]);
  },

  backward: () => undefined,
};
