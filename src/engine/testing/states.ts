import { expect } from 'vitest';
import { EngineError, plainSgd, type Executor } from '../executor';
import { GraphBuilder } from '../graph/builder';
import { differentiate } from '../graph/differentiate';
import type { Graph } from '../graph/ir';
import { elementCount } from '../graph/value';
import { attention, crossAttention } from '../ops/attention/node';
import { crossEntropy } from '../ops/cross-entropy/node';
import { linear } from '../ops/linear/node';
import { writeRows } from '../ops/write-rows/node';

/** What tests ask of states of any executor. It is held against what the same executor computes without them. */

const [batch, tokens, capacity, heads, width] = [2, 6, 8, 2, 8];

const wave = (length: number, phase: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.sin(1.7 * i + phase));

const projections = { query: [width, width], keyValue: [2 * width, width] } as const;

/** Causal attention of a whole sequence at once. */
function wholeSequence(): Graph {
  const builder = new GraphBuilder();
  const parts = [
    { name: 'query', shape: projections.query },
    { name: 'keyValue', shape: projections.keyValue },
  ];
  const weight = builder.parameter([3 * width, width], ...parts);
  const qkv = linear(builder, builder.input('x', 'f32', [batch * tokens, width]), weight);
  return builder.build({ y: attention(builder, qkv, { batch, heads, causal: true }) });
}

/** The same for some tokens of each sequence, from the keys and values that runs before this one have kept. */
function nextTokens(count: number): Graph {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'f32', [batch * count, width]);
  const offsets = builder.input('offsets', 'i32', [batch]);
  const projected = (name: 'query' | 'keyValue') =>
    linear(builder, x, builder.parameter(projections[name], { name, shape: projections[name] }));
  const kept = builder.state([batch * capacity, 2 * width], 'kept');
  const keyValue = writeRows(builder, kept, projected('keyValue'), { batch, offsets });
  return builder.build({
    y: crossAttention(builder, projected('query'), keyValue, { batch, heads, causal: true, offsets }),
  });
}

/** Rows `from … to` of each sequence. */
function rowsOf(x: Float32Array, from: number, to: number): Float32Array {
  const length = x.length / batch;
  return Float32Array.from(
    Array.from({ length: batch }, (_, b) => [...x.subarray(b * length + from * width, b * length + to * width)]).flat(),
  );
}

/**
 * Tokens attended to one after the other, with keys and values that a state keeps from run to run, give what the whole sequence gives at once. Runs
 * of several graphs share the state, and zeros in the store begin anew.
 */
export async function checkDecoding(executor: Executor): Promise<void> {
  const whole = wholeSequence();
  const step = nextTokens(1);
  const weights = new Map([
    ['query', wave(elementCount(projections.query), 1)],
    ['keyValue', wave(elementCount(projections.keyValue), 2)],
  ]);
  const x = wave(batch * tokens * width, 3);
  const reference = await executor.createStore(whole.parameters, weights);
  const all = await executor.compile(whole, reference);
  const { y: expected = new Float32Array() } = await all.run({ x });
  const store = await executor.createStore(step.parameters, weights);
  const several = await executor.compile(nextTokens(3), store);
  const one = await executor.compile(step, store);
  const decode = async (from: number, to: number): Promise<void> => {
    const offsets = new Int32Array(batch).fill(from);
    const { y } = await (to - from === 1 ? one : several).run({ x: rowsOf(x, from, to), offsets });
    rowsOf(expected, from, to).forEach((value, i) => expect(y?.[i], `token ${from}`).toBeCloseTo(value, 4));
  };
  for (let token = 0; token < tokens; token++) await decode(token, token + 1);
  const { length } = (await store.read(['kept'])).get('kept') ?? [];
  await store.write(new Map([['kept', new Float32Array(length ?? 0)]]));
  await decode(0, 3);
  for (let token = 3; token < tokens; token++) await decode(token, token + 1);
  expect((await store.read(['kept'])).get('kept')?.some((value) => value !== 0)).toBe(true);
  for (const used of [all, several, one]) used.dispose();
  reference.dispose();
  store.dispose();
}

/** A training step leaves its values in a state, which takes no gradient; steps that compute nodes twice are refused. */
export async function checkTrainedState(executor: Executor): Promise<void> {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'f32', [batch * tokens, width]);
  const shape = [width, width];
  const logits = linear(builder, x, builder.parameter(shape, { name: 'weight', shape }));
  const kept = writeRows(builder, builder.state([batch * tokens, width], 'kept'), logits, { batch });
  const loss = crossEntropy(builder, kept, builder.input('targets', 'i32', [batch * tokens]));
  const graph = builder.build({ loss });
  const program = differentiate(graph, loss, new Set(graph.parameters.map(({ value }) => value)));
  const weight = new Float32Array(width * width).map((_, i) => (i % (width + 1) === 0 ? 2 : 0));
  const store = await executor.createStore(graph.parameters, new Map([['weight', weight]]));
  const trainer = await executor.compileTraining(program, store, plainSgd);
  const inputs = { x: wave(batch * tokens * width, 5), targets: new Int32Array(batch * tokens).fill(1) };
  await trainer.step(inputs, { step: 1, learningRate: 0.5, seed: 1 });
  await trainer.readings(true);
  const after = await store.read();
  inputs.x.forEach((value, i) => expect(after.get('kept')?.[i]).toBeCloseTo(2 * value, 5));
  expect(after.get('weight')).not.toEqual(weight);
  expect([...(await trainer.gradients(inputs, 1)).gradients.keys()]).toEqual(['weight']);
  for (const options of [{ checkpointing: true }, { microBatches: 2 }]) {
    await expect(executor.compileTraining(program, store, { ...plainSgd, ...options })).rejects.toThrow(EngineError);
  }
  trainer.dispose();
  store.dispose();
}
