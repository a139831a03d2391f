import type { Tensor } from '@tensorflow/tfjs-core';
import type { ValueId } from '../../graph/value';
import type { LayerNormNode } from './node';
import { savedTensor, type OpRule } from '../../tfjs/rule';
import type { WasmHeap } from '../../tfjs/wasm/heap';
import { overRows } from '../../tfjs/wasm/parallel';
import { ranges, type KernelCall } from '../../tfjs/wasm/runner';

/** Saves mean and reciprocal standard deviation of each row. */
export function wasmLayerNorm(heap: WasmHeap): OpRule<LayerNormNode> {
  return {
    saves: () => true,

    backwardReads: (node) => [node.x, node.weight],

    forward(node, context, keep) {
      const [rows = 0, columns = 0] = context.shape(node.x);
      const [x = 0, weight = 0, bias = 0] = [node.x, node.weight, node.bias].map((id) =>
        heap.address(context.tensor(id)),
      );
      const [y, mean, rstd] = [heap.allocate([rows, columns]), heap.allocate([rows]), heap.allocate([rows])];
      const [out, means, rstds] = [heap.address(y), heap.address(mean), heap.address(rstd)];
      overRows(heap, rows, columns, (from, count) => {
        const [at, line] = [from * columns * 4, from * 4];
        return {
          kernel: 'layerNormForward',
          args: [x + at, weight, bias, out + at, means + line, rstds + line, count, columns, node.epsilon],
        };
      });
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
      const [x, weight] = [heap.address(context.tensor(node.x)), heap.address(context.tensor(node.weight))];
      const [means, rstds] = [heap.address(savedTensor(saved, 0)), heap.address(savedTensor(saved, 1))];
      const [flow, out, sums, biasSums] = [heap.address(dy), address(dx), address(dWeight), address(dBias)];
      const part = (from: number, count: number, rowsOut: number, withSums: boolean): KernelCall => {
        const [at, line] = [from * columns * 4, from * 4];
        const results = [rowsOut === 0 ? 0 : rowsOut + at, withSums ? sums : 0, withSums ? biasSums : 0];
        const operands = [x + at, weight, means + line, rstds + line, flow + at];
        return { kernel: 'layerNormBackward', args: [...operands, ...results, count, columns] };
      };
      const { runner } = heap;
      if (runner.threads === 1 || !affine || dx === null || rows < 2 * runner.threads) {
        runner.run([part(0, rows, out, affine)]);
      } else {
        // One thread sums over all rows, so that the order of the sums does not depend on the number of threads.
        const slices = ranges(rows, runner.threads - 1, 1).map(([from, to]) => part(from, to - from, out, false));
        runner.run([part(0, rows, 0, true), ...slices]);
      }
      const gradients: [ValueId, Tensor][] = [];
      if (dx !== null) gradients.push([node.x, dx]);
      if (dWeight !== null && wanted.has(node.weight)) gradients.push([node.weight, dWeight]);
      if (dBias !== null && wanted.has(node.bias)) gradients.push([node.bias, dBias]);
      return gradients;
    },
  };
}
