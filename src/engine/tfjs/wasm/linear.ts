import type { Tensor } from '@tensorflow/tfjs-core';
import type { Activation, LinearNode, ValueId } from '../../graph/ir';
import { savedTensor, type OpRule } from '../rule';
import type { WasmHeap } from './heap';

const ACTIVATION_CODE: Readonly<Record<Exclude<Activation, 'none'>, number>> = { gelu: 1, quick_gelu: 2 };

/** Saves the sum before the activation, where there is one. */
export function wasmLinear(heap: WasmHeap): OpRule<LinearNode> {
  const { kernels } = heap;
  return {
    backwardReads: (node, wanted) => [
      ...(wanted.has(node.weight) ? [node.x] : []),
      ...(wanted.has(node.x) ? [node.weight] : []),
    ],

    forward(node, context, keep) {
      const { activation } = node;
      const [rows = 0, inner = 0] = context.shape(node.x);
      const [columns = 0] = context.shape(node.weight);
      const address = (id: ValueId | null): number => (id === null ? 0 : heap.address(context.tensor(id)));
      const product = heap.allocate([rows, columns]);
      const sum = heap.address(product);
      const residual = address(node.residual);
      const first = activation === 'none' ? residual : 0;
      const prefilled = node.bias !== null || first !== 0;
      if (prefilled) kernels.fillRows(address(node.bias), first, sum, rows, columns);
      const scratch = heap.scratch(kernels.gemmScratchBytes(columns));
      const [x, weight] = [address(node.x), address(node.weight)];
      kernels.gemm(x, inner, 1, weight, 1, inner, sum, columns, rows, columns, inner, Number(prefilled), scratch);
      if (activation === 'none') return { y: product, saved: [] };
      const y = heap.allocate([rows, columns]);
      kernels.activationForward(ACTIVATION_CODE[activation], sum, residual, heap.address(y), rows * columns);
      return { y, saved: keep ? [product] : [] };
    },

    backward(node, dy, saved, wanted, context) {
      const { activation, x, weight, bias, residual } = node;
      const [rows = 0, inner = 0] = context.shape(x);
      const [columns = 0] = context.shape(weight);
      const scratch = heap.scratch(kernels.gemmScratchBytes(inner));
      let d = heap.address(dy);
      if (activation !== 'none') {
        const through = heap.address(heap.allocate([rows, columns]));
        const before = heap.address(savedTensor(saved, 0));
        kernels.activationBackward(ACTIVATION_CODE[activation], before, d, through, rows * columns);
        d = through;
      }
      const gradients: [ValueId, Tensor][] = [];
      if (wanted.has(x)) {
        const dx = heap.allocate([rows, inner]);
        const w = heap.address(context.tensor(weight));
        kernels.gemm(d, columns, 1, w, inner, 1, heap.address(dx), inner, rows, inner, columns, 0, scratch);
        gradients.push([x, dx]);
      }
      if (wanted.has(weight)) {
        const dw = heap.allocate([columns, inner]);
        const input = heap.address(context.tensor(x));
        kernels.gemm(d, 1, columns, input, inner, 1, heap.address(dw), inner, columns, inner, rows, 0, scratch);
        gradients.push([weight, dw]);
      }
      if (bias !== null && wanted.has(bias)) {
        const db = heap.allocate([columns]);
        kernels.columnSums(d, heap.address(db), rows, columns, 0);
        gradients.push([bias, db]);
      }
      if (residual !== null && wanted.has(residual)) gradients.push([residual, dy.clone()]);
      return gradients;
    },
  };
}
