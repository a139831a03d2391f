import type { Tensor } from '@tensorflow/tfjs-core';
import type { ValueId } from '../../graph/ir';
import type { Activation, LinearNode } from './node';
import { savedTensor, type OpRule } from '../../tfjs/rule';
import type { WasmHeap } from '../../tfjs/wasm/heap';
import { matrix, multiply, overElements, transposed } from '../../tfjs/wasm/parallel';

const ACTIVATION_CODE: Readonly<Record<Exclude<Activation, 'none'>, number>> = {
  gelu: 1,
  quick_gelu: 2,
  gelu_tanh: 3,
};

/** Saves the sum before the activation, where there is one. */
export function wasmLinear(heap: WasmHeap): OpRule<LinearNode> {
  const { kernels } = heap;
  return {
    saves: (node) => node.activation !== 'none',

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
      const weight = transposed(matrix(address(node.weight), inner));
      multiply(heap, matrix(address(node.x), inner), weight, sum, [rows, columns, inner], prefilled);
      if (activation === 'none') return { y: product, saved: [] };
      const y = heap.allocate([rows, columns]);
      const out = heap.address(y);
      overElements(heap, rows * columns, (from, count) => {
        const add = residual === 0 ? 0 : residual + from * 4;
        return {
          kernel: 'activationForward',
          args: [ACTIVATION_CODE[activation], sum + from * 4, add, out + from * 4, count],
        };
      });
      return { y, saved: keep ? [product] : [] };
    },

    backward(node, dy, saved, wanted, context) {
      const { activation, x, weight, bias, residual } = node;
      const [rows = 0, inner = 0] = context.shape(x);
      const [columns = 0] = context.shape(weight);
      const flow = heap.address(dy);
      let d = flow;
      if (activation !== 'none') {
        const through = heap.address(heap.allocate([rows, columns]));
        const before = heap.address(savedTensor(saved, 0));
        overElements(heap, rows * columns, (from, count) => {
          const at = from * 4;
          return {
            kernel: 'activationBackward',
            args: [ACTIVATION_CODE[activation], before + at, flow + at, through + at, count],
          };
        });
        d = through;
      }
      const gradients: [ValueId, Tensor][] = [];
      if (wanted.has(x)) {
        const dx = heap.allocate([rows, inner]);
        const factor = matrix(heap.address(context.tensor(weight)), inner);
        multiply(heap, matrix(d, columns), factor, heap.address(dx), [rows, inner, columns], false);
        gradients.push([x, dx]);
      }
      if (wanted.has(weight)) {
        const dw = heap.allocate([columns, inner]);
        const factor = matrix(heap.address(context.tensor(x)), inner);
        multiply(heap, transposed(matrix(d, columns)), factor, heap.address(dw), [columns, inner, rows], false);
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
