import * as tf from '@tensorflow/tfjs-core';
import { layerNormSlices } from '../../src/engine/ops/layer-norm/kernels';
import { partialSumsTable, reducePartials, type PartialSums } from '../../src/engine/kernels/reduce-partials';
import type { KernelTarget } from '../../src/engine/kernels/target';
import { partialSumsBytes } from '../../src/engine/webgpu/gradient-pools';
import { aligned } from '../../src/engine/webgpu/memory';
import { usualNormalization } from '../models';
import type { KernelCase } from '../../src/engine/ops/bench-case';
import type { ClipConfig } from '../../src/model/families/clip/config';
import { clipArchitecture } from '../../src/model/families/clip/family';
import { pairGraph } from '../../src/model/pair-graph';

/** The partial sums that all layer norms of a step leave, added up at once at the end of backward. */
export function partialSumsCase(config: ClipConfig, batch: number, target: KernelTarget): KernelCase {
  const norms = normShapes(config, batch).map(([rows, columns]) => ({
    slices: layerNormSlices({ rows, columns }, target),
    columns,
  }));
  const sums: PartialSums[] = [];
  let partials = 0;
  let gradient = 0;
  for (const { slices, columns } of norms) {
    for (const start of [0, columns]) {
      sums.push({
        partials: partials + start,
        slices,
        stride: 2 * columns,
        gradient,
        count: columns,
        accumulate: false,
      });
      gradient += aligned(4 * columns) / 4;
    }
    partials += partialSumsBytes(slices, 2 * columns) / 4;
  }
  const table = partialSumsTable(sums);
  const read = norms.reduce((total, { slices, columns }) => total + slices * 2 * columns, 0);
  const written = norms.reduce((total, { columns }) => total + 2 * columns, 0);
  return {
    kernel: 'partial sums',
    shape: `${read} of ${norms.length} layer norms`,
    flops: read,
    bytes: 4 * (read + written),
    variants: [{ name: 'default', kernels: [reducePartials(table)] }],
    contents: { table, partials, gradients: gradient },
    stock: () => {
      const slabs = norms.map(({ slices, columns }) => tf.randomUniform([slices, 2 * columns]));
      return () => slabs.map((slab) => tf.sum(slab, 0));
    },
  };
}

/** Rows and columns of what each layer norm of the model reads. */
function normShapes(config: ClipConfig, batch: number): (readonly [rows: number, columns: number])[] {
  const tokens = config.text.maxPositions;
  const { nodes, values } = pairGraph(clipArchitecture(config), { batch, tokens, normalization: usualNormalization });
  return nodes.flatMap((node) => {
    if (node.op !== 'layerNorm') return [];
    const [rows = 1, columns = 1] = values[node.x]?.shape ?? [];
    return [[rows, columns] as const];
  });
}
