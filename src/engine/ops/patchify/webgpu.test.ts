import { expect, test } from 'vitest';
import { GraphBuilder } from '../../graph/builder';
import { linear } from '../linear/node';
import { patchify } from './node';
import type { Graph } from '../../graph/ir';
import { elementCount } from '../../graph/value';
import { viewSums } from './view-kernels';
import { loweringOf } from '../webgpu';
import { Lowering } from '../../webgpu/lowering';
import { PlanBuilder, type Operand } from '../../webgpu/plan';

const [batch, side, size, patch] = [4, 40, 32, 8];

function patches(drawn: boolean): Graph {
  const builder = new GraphBuilder();
  const edge = drawn ? side : size;
  const pixels = builder.input('pixels', 'u8', [batch, edge, edge, 3]);
  const views = drawn ? { views: builder.input('views', 'f32', [batch, 8]), size } : undefined;
  const y = patchify(builder, pixels, { patch, mean: [0, 0, 0], std: [1, 1, 1], drawn: views });
  const weight = builder.parameter([16, 3 * patch * patch], { name: 'weight', shape: [16, 3 * patch * patch] });
  return builder.build({ y: linear(builder, y, weight) });
}

/** Dispatches and bytes of a plan's own memory. */
function plan(graph: Graph): { readonly dispatches: number; readonly bytes: number } {
  const builder = new PlanBuilder();
  const given = graph.values.filter(({ kind }) => kind !== 'activation');
  const bound = new Map(
    given.map(({ id, shape }): [number, Operand] => [id, builder.external(4 * elementCount(shape))]),
  );
  const lowering = new Lowering(builder, graph, { target: { cooperative: true } }, null, bound);
  for (const node of graph.nodes) loweringOf(node).forward(lowering, node, false);
  return { dispatches: builder.length, bytes: builder.arenaBytes() };
}

test('views cost one dispatch more than pictures as they are, and next to no memory', () => {
  const [plain, drawn] = [plan(patches(false)), plan(patches(true))];
  expect(drawn.dispatches).toBe(plain.dispatches + 1);
  expect(drawn.bytes - plain.bytes).toBeLessThanOrEqual(4 * viewSums({ batch, side, size, patch }) + 256);
});

test('views that do not fit the pictures or the patches are refused', () => {
  const builder = new GraphBuilder();
  const pixels = builder.input('pixels', 'u8', [batch, side, side, 3]);
  const options = { patch, mean: [0, 0, 0], std: [1, 1, 1] } as const;
  const views = builder.input('views', 'f32', [batch, 8]);
  const few = builder.input('few', 'f32', [batch - 1, 8]);
  expect(() => patchify(builder, pixels, { ...options, drawn: { views: few, size } })).toThrow(
    'views must be [batch, 8]',
  );
  expect(() => patchify(builder, pixels, { ...options, drawn: { views, size: 30 } })).toThrow(
    'no multiple of the patch',
  );
  const flat = builder.input('flat', 'u8', [batch, side, size, 3]);
  expect(() => patchify(builder, flat, options)).toThrow('pixels must be [batch, side, side, 3]');
});
