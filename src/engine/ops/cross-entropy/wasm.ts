import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import { savedTensor, type OpRule, type RunContext } from '../../tfjs/rule';
import type { WasmHeap } from '../../tfjs/wasm/heap';
import { overRows } from '../../tfjs/wasm/parallel';
import type { CrossEntropyNode } from './node';

/** What the loss and the gradient of a row that counts are made of. */
interface Row {
  readonly index: number;
  readonly lse: number;
  /** Log-probability of the target. */
  readonly target: number;
  /** `Σ w · ℓ` over the classes, ℓ being log-probabilities. */
  readonly all: number;
  /** Row weight, and that times the class weight of the target. */
  readonly weight: number;
  readonly mass: number;
}

/**
 * Passes over the logits run in SIMD kernels; what there is one of for each row is computed in float64. Saves three numbers per row, from which
 * backward computes the probabilities again.
 */
export function wasmCrossEntropy(heap: WasmHeap): OpRule<CrossEntropyNode> {
  return {
    saves: () => true,

    backwardReads: ({ logits, rowWeights, classWeights }) =>
      [logits, rowWeights, classWeights].filter((id) => id !== null),

    forward(node, context, keep) {
      const { classWeights, labelSmoothing, focus } = node;
      const [rows = 0, classes = 0] = context.shape(node.logits);
      const statistics = heap.allocate([rows, 3]);
      const logits = heap.address(context.tensor(node.logits));
      const weights = classWeights === null ? 0 : heap.address(context.tensor(classWeights));
      const out = heap.address(statistics);
      overRows(heap, rows, classes, (from, count) => ({
        kernel: 'crossEntropyRows',
        args: [logits + 4 * from * classes, weights, out + 12 * from, count, classes],
      }));
      const counted = rowsOf(node, context, statistics);
      const total = counted.reduce((sum, row) => {
        const spared = focus === 0 ? 1 : restOf(row) ** focus;
        const hit = (1 - labelSmoothing) * row.mass * spared * row.target;
        return sum - hit - (labelSmoothing / classes) * row.weight * row.all;
      }, 0);
      return { y: tensor(total / divisor(node, counted), []), saved: keep ? [statistics] : [] };
    },

    backward(node, dy, saved, wanted, context) {
      if (!wanted.has(node.logits)) return [];
      const { classWeights, labelSmoothing, focus } = node;
      const [rows = 0, classes = 0] = context.shape(node.logits);
      const counted = rowsOf(node, context, savedTensor(saved, 0));
      const flow = (dy.dataSync<'float32'>()[0] ?? 0) / divisor(node, counted);
      const classMass = classMassOf(node, context);
      const factors = new Float32Array(4 * rows);
      for (const row of counted) {
        const hit = flow * (1 - labelSmoothing) * row.mass * (focus === 0 ? 1 : focusedPull(focus, row));
        const spread = (flow * labelSmoothing * row.weight) / classes;
        factors.set([row.lse, hit + spread * classMass, spread, hit], 4 * row.index);
      }
      const dLogits = heap.allocate([rows, classes]);
      const ofRows = heap.address(tensor(factors, [rows, 4]));
      const logits = heap.address(context.tensor(node.logits));
      const targets = heap.address(tensor(context.input(node.targets), [rows], 'int32'));
      const weights = classWeights === null ? 0 : heap.address(context.tensor(classWeights));
      const out = heap.address(dLogits);
      overRows(heap, rows, classes, (from, count) => {
        const at = 4 * from * classes;
        return {
          kernel: 'crossEntropyBackward',
          args: [logits + at, targets + 4 * from, weights, ofRows + 16 * from, out + at, count, classes],
        };
      });
      return [[node.logits, dLogits]];
    },
  };

  /** The rows that count. */
  function rowsOf(node: CrossEntropyNode, context: RunContext, statistics: Tensor): readonly Row[] {
    const { rowWeights, classWeights } = node;
    const [, classes = 0] = context.shape(node.logits);
    const targets = context.input(node.targets);
    const weights = rowWeights === null ? null : context.input(rowWeights);
    const classMass = classMassOf(node, context);
    const given = context.tensor(node.logits);
    const ofClasses = classWeights === null ? null : heap.floats(context.tensor(classWeights));
    const [logits, values] = [heap.floats(given), heap.floats(statistics)];
    const rows: Row[] = [];
    targets.forEach((target, index) => {
      if (target < 0) return;
      const [most = 0, sum = 0, all = 0] = values.subarray(3 * index, 3 * index + 3);
      const lse = most + Math.log(sum);
      const weight = weights?.[index] ?? 1;
      rows.push({
        index,
        lse,
        target: (logits[index * classes + target] ?? NaN) - lse,
        all: all - classMass * lse,
        weight,
        mass: weight * (ofClasses === null ? 1 : (ofClasses[target] ?? NaN)),
      });
    });
    return rows;
  }

  /** Sum of the class weights. */
  function classMassOf({ logits, classWeights }: CrossEntropyNode, context: RunContext): number {
    const [, classes = 0] = context.shape(logits);
    if (classWeights === null) return classes;
    return heap.floats(context.tensor(classWeights)).reduce((sum, weight) => sum + weight, 0);
  }
}

/** What a sum over rows is divided by; 1 where none counts. */
function divisor({ reduction }: CrossEntropyNode, rows: readonly Row[]): number {
  const mass = rows.reduce((sum, row) => sum + row.mass, 0);
  return mass > 0 && reduction === 'mean' ? mass : 1;
}

/** What the probability of the target leaves, kept above 0 so that its powers are finite. */
function restOf({ target }: Row): number {
  return Math.max(1e-30, -Math.expm1(target));
}

/** What a target of focus γ pulls with, in place of 1: the term that is left, and how it changes with the probability. */
function focusedPull(focus: number, row: Row): number {
  const rest = restOf(row);
  return rest ** focus - focus * Math.exp(row.target) * rest ** (focus - 1) * row.target;
}
