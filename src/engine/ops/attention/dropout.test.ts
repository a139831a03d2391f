import { expect, test } from 'vitest';
import { plainSgd } from '../../executor';
import { GraphBuilder } from '../../graph/builder';
import { differentiate } from '../../graph/differentiate';
import type { ValueId } from '../../graph/value';
import { createTfjsExecutor } from '../../tfjs/executor';
import { elementLoss } from '../element-loss/node';
import { linear } from '../linear/node';
import { attention, crossAttention } from './node';

const [batch, tokens, keys, heads, width] = [3, 5, 7, 2, 12] as const;

type Attend = (builder: GraphBuilder, project: (rows: string, columns: number) => ValueId) => ValueId;

const cases: readonly { readonly name: string; readonly attend: Attend }[] = [
  {
    name: 'to each other, not to what comes later',
    attend: (builder, project) =>
      attention(builder, project('queries', 3 * width), { batch, heads, causal: true, dropout: 0.3 }),
  },
  {
    name: 'to keys that lie apart, of different lengths',
    attend: (builder, project) =>
      crossAttention(builder, project('queries', width), project('keys', 2 * width), {
        batch,
        heads,
        lengths: builder.input('lengths', 'i32', [batch]),
        dropout: 0.5,
      }),
  },
];

/** Numbers that repeat only after all of them. */
function numbers(count: number, salt: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: count }, (_, at) => Math.sin(12.9898 * (at + 1) + salt));
}

test.each(cases)('dropped on WASM as by composed kernels: $name', async ({ attend }) => {
  const builder = new GraphBuilder();
  const rows = { queries: batch * tokens, keys: batch * keys };
  const shapes = new Map<string, readonly number[]>();
  const y = attend(builder, (name, columns) => {
    const shape = [columns, width];
    shapes.set(name, shape);
    const count = rows[name as keyof typeof rows];
    return linear(builder, builder.input(name, 'f32', [count, width]), builder.parameter(shape, { name, shape }));
  });
  const filled = (name: string) => builder.input(name, 'f32', [batch * tokens, width]);
  const loss = elementLoss(builder, y, { targets: filled('targets'), weights: filled('weights') }, { kind: 'squared' });
  const graph = builder.build({ loss });
  const program = differentiate(graph, loss, new Set(graph.parameters.map(({ value }) => value)));
  const all: Readonly<Record<string, Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>>> = {
    queries: numbers(rows.queries * width, 1),
    keys: numbers(rows.keys * width, 2),
    lengths: Int32Array.of(7, 3, 1),
    targets: numbers(rows.queries * width, 3),
    weights: new Float32Array(rows.queries * width).fill(1),
  };
  const asked = new Set(graph.values.flatMap(({ kind, name }) => (kind === 'input' ? [name] : [])));
  const inputs = Object.fromEntries(Object.entries(all).filter(([name]) => asked.has(name)));
  // One after the other: TensorFlow.js has one backend at a time.
  const found = [];
  for (const kind of ['tfjs-cpu', 'tfjs-wasm'] as const) {
    const executor = await createTfjsExecutor(kind, { wasmPaths: 'node_modules/@tensorflow/tfjs-backend-wasm/dist/' });
    const weights = [...shapes].map(([name, [columns = 0]], i) => [name, numbers(columns * width, 4 + i)] as const);
    const store = await executor.createStore(graph.parameters, new Map(weights));
    const trainer = await executor.compileTraining(program, store, plainSgd);
    const result = await trainer.gradients(inputs, 5);
    const without = await trainer.gradients(inputs, 6);
    trainer.dispose();
    store.dispose();
    executor.dispose();
    found.push({ ...result, other: without.loss });
  }
  const [composed, own] = found;
  expect(composed?.other).not.toBe(composed?.loss);
  expect((own?.loss ?? NaN) / (composed?.loss ?? NaN)).toBeCloseTo(1, 5);
  for (const [name, values] of composed?.gradients ?? []) {
    const difference = values.reduce(
      (most, value, at) => Math.max(most, Math.abs(value - (own?.gradients.get(name)?.[at] ?? NaN))),
      0,
    );
    expect(difference / Math.max(...values.map(Math.abs)), name).toBeLessThan(1e-4);
  }
});
