import type { Tensor } from '@tensorflow/tfjs-core';
import type { ValueId } from '../../graph/value';
import type { Activation, LinearAdapter, LinearNode } from './node';
import { linear } from './tfjs';
import { savedTensor, type OpRule, type RunContext } from '../../tfjs/rule';
import type { WasmHeap } from '../../tfjs/wasm/heap';
import {
  columnSums,
  matrix,
  multiply,
  overElements,
  overRows,
  transposed,
  type Matrix,
} from '../../tfjs/wasm/parallel';

/** Linear layers in SIMD kernels. Adapters are products over strided parts of the result, so nothing is copied for them. */

/** Codes of the activations in `assembly/activation.ts`. */
const activationCode: Readonly<Record<Exclude<Activation, 'none'>, number>> = {
  gelu: 1,
  quick_gelu: 2,
  gelu_tanh: 3,
};

/** Saves of each adapter `scale · x · aᵀ`, then the sum before the activation, where there is one. */
export function wasmLinear(heap: WasmHeap): OpRule<LinearNode> {
  const { kernels } = heap;
  return {
    saves: (node) => linear.saves(node),

    backwardReads: (node, wanted) => linear.backwardReads(node, wanted),

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
      if (prefilled) {
        const bias = address(node.bias);
        overRows(heap, rows, columns, (from, count) => {
          const at = 4 * from * columns;
          return { kernel: 'fillRows', args: [bias, first === 0 ? 0 : first + at, sum + at, count, columns] };
        });
      }
      const weight = transposed(matrix(address(node.weight), inner));
      multiply(heap, matrix(address(node.x), inner), weight, sum, [rows, columns, inner], prefilled);
      const downs = node.adapters.map((adapter) => addAdapter(node, adapter, context, sum));
      if (activation === 'none') return { y: product, saved: keep ? downs : [] };
      const y = heap.allocate([rows, columns]);
      const out = heap.address(y);
      overElements(heap, rows * columns, (from, count) => {
        const add = residual === 0 ? 0 : residual + from * 4;
        return {
          kernel: 'activationForward',
          args: [activationCode[activation], sum + from * 4, add, out + from * 4, count],
        };
      });
      return { y, saved: keep ? [...downs, product] : [] };
    },

    backward(node, dy, saved, wanted, context) {
      const { activation, x, weight, bias, residual } = node;
      const [rows = 0, inner = 0] = context.shape(x);
      const [columns = 0] = context.shape(weight);
      const flow = heap.address(dy);
      let d = flow;
      if (activation !== 'none') {
        const through = heap.address(heap.allocate([rows, columns]));
        const before = heap.address(savedTensor(saved, node.adapters.length));
        overElements(heap, rows * columns, (from, count) => {
          const at = from * 4;
          return {
            kernel: 'activationBackward',
            args: [activationCode[activation], before + at, flow + at, through + at, count],
          };
        });
        d = through;
      }
      const gradients: [ValueId, Tensor][] = [];
      let inputGradient = 0;
      if (wanted.has(x)) {
        const dx = heap.allocate([rows, inner]);
        const factor = matrix(heap.address(context.tensor(weight)), inner);
        multiply(heap, matrix(d, columns), factor, heap.address(dx), [rows, inner, columns], false);
        gradients.push([x, dx]);
        inputGradient = heap.address(dx);
      }
      if (wanted.has(weight)) {
        const dw = heap.allocate([columns, inner]);
        const factor = matrix(heap.address(context.tensor(x)), inner);
        multiply(heap, transposed(matrix(d, columns)), factor, heap.address(dw), [columns, inner, rows], false);
        gradients.push([weight, dw]);
      }
      if (bias !== null && wanted.has(bias)) {
        const db = heap.allocate([columns]);
        columnSums(heap, d, heap.address(db), rows, columns);
        gradients.push([bias, db]);
      }
      if (residual !== null && wanted.has(residual)) gradients.push([residual, heap.share(dy)]);
      node.adapters.forEach((adapter, index) => {
        const { a, b, scale } = adapter;
        const [rank = 0] = context.shape(a);
        const [changed = 0] = context.shape(b);
        const part: Matrix = { address: d + 4 * adapter.column, row: columns, column: 1 };
        if (wanted.has(b)) {
          const db = heap.allocate([changed, rank]);
          const down = matrix(heap.address(savedTensor(saved, index)), rank);
          multiply(heap, transposed(part), down, heap.address(db), [changed, rank, rows], false);
          gradients.push([b, db]);
        }
        if (!wanted.has(a) && inputGradient === 0) return;
        const dDown = heap.address(heap.allocate([rows, rank]));
        multiply(heap, part, matrix(heap.address(context.tensor(b)), rank), dDown, [rows, rank, changed], false);
        kernels.scale(dDown, scale, rows * rank);
        if (wanted.has(a)) {
          const da = heap.allocate([rank, inner]);
          const factor = matrix(heap.address(context.tensor(x)), inner);
          multiply(heap, transposed(matrix(dDown, rank)), factor, heap.address(da), [rank, inner, rows], false);
          gradients.push([a, da]);
        }
        if (inputGradient === 0) return;
        const factor = matrix(heap.address(context.tensor(a)), inner);
        multiply(heap, matrix(dDown, rank), factor, inputGradient, [rows, inner, rank], true);
      });
      return gradients;
    },
  };

  /** Adds what an adapter makes of x to the product at `sum`; returns `scale · x · aᵀ`. */
  function addAdapter(node: LinearNode, adapter: LinearAdapter, context: RunContext, sum: number): Tensor {
    const [rows = 0, inner = 0] = context.shape(node.x);
    const [columns = 0] = context.shape(node.weight);
    const [rank = 0] = context.shape(adapter.a);
    const [changed = 0] = context.shape(adapter.b);
    const at = (id: ValueId): number => heap.address(context.tensor(id));
    const down = heap.allocate([rows, rank]);
    const a = transposed(matrix(at(adapter.a), inner));
    multiply(heap, matrix(at(node.x), inner), a, heap.address(down), [rows, rank, inner], false);
    kernels.scale(heap.address(down), adapter.scale, rows * rank);
    const b = transposed(matrix(at(adapter.b), rank));
    const into = sum + 4 * adapter.column;
    multiply(heap, matrix(heap.address(down), rank), b, into, [rows, changed, rank], true, columns);
    return down;
  }
}
