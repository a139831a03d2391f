import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayerNormNode, ValueId } from '../../graph/ir';
import { savedTensor, type OpRule } from '../rule';
import type { WasmHeap } from './heap';

/** Saves mean and reciprocal standard deviation of each row. */
export function wasmLayerNorm(heap: WasmHeap): OpRule<LayerNormNode> {
  const { kernels } = heap;
  return {
    backwardReads: (node) => [node.x, node.weight],

    forward(node, context, keep) {
      const [rows = 0, columns = 0] = context.shape(node.x);
      const [x, weight, bias] = [node.x, node.weight, node.bias].map((id) => heap.address(context.tensor(id)));
      const [y, mean, rstd] = [heap.allocate([rows, columns]), heap.allocate([rows]), heap.allocate([rows])];
      const [out, means, rstds] = [heap.address(y), heap.address(mean), heap.address(rstd)];
      kernels.layerNormForward(x ?? 0, weight ?? 0, bias ?? 0, out, means, rstds, rows, columns, node.epsilon);
      return { y, saved: keep ? [mean, rstd] : [] };
    },

    backward(node, dy, saved, wanted, context) {
      const [rows = 0, columns = 0] = context.shape(node.x);
      const dx = wanted.has(node.x) ? heap.allocate([rows, columns]) : null;
      // The kernel computes both sums or neither.
      const affine = wanted.has(node.weight) || wanted.has(node.bias);
      const dWeight = affine ? heap.zeros([columns]) : null;
      const dBias = affine ? heap.zeros([columns]) : null;
      const address = (tensor: Tensor | null): number => (tensor === null ? 0 : heap.address(tensor));
      kernels.layerNormBackward(
        heap.address(context.tensor(node.x)),
        heap.address(context.tensor(node.weight)),
        heap.address(savedTensor(saved, 0)),
        heap.address(savedTensor(saved, 1)),
        heap.address(dy),
        address(dx),
        address(dWeight),
        address(dBias),
        rows,
        columns,
      );
      const gradients: [ValueId, Tensor][] = [];
      if (dx !== null) gradients.push([node.x, dx]);
      if (dWeight !== null && wanted.has(node.weight)) gradients.push([node.weight, dWeight]);
      if (dBias !== null && wanted.has(node.bias)) gradients.push([node.bias, dBias]);
      return gradients;
    },
  };
}
