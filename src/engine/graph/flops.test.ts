import { expect, test } from 'vitest';
import { attention } from '../ops/attention/node';
import { crossEntropy } from '../ops/cross-entropy/node';
import { linear } from '../ops/linear/node';
import { GraphBuilder } from './builder';
import { differentiate } from './differentiate';
import { stepFlops } from './flops';

/** Two sequences of five tokens, eight wide: query, key and value, attention with two heads, and an output of three classes. */
function program(trained: readonly string[]) {
  const builder = new GraphBuilder();
  const weights = new Map<string, number>();
  const weight = (name: string, ...shape: number[]): number => {
    const id = builder.parameter(shape, { name, shape });
    weights.set(name, id);
    return id;
  };
  const stream = builder.input('stream', 'f32', [10, 8]);
  const qkv = linear(builder, stream, weight('qkv', 24, 8));
  const attended = attention(builder, qkv, { batch: 2, heads: 2, causal: false });
  const logits = linear(builder, attended, weight('out', 3, 8));
  const targets = builder.input('targets', 'i32', [10]);
  const loss = crossEntropy(builder, logits, targets);
  const trainable = new Set(trained.map((name) => weights.get(name) ?? -1));
  return differentiate(builder.build({ loss }), loss, trainable);
}

const [qkv, out] = [10 * 8 * 24, 10 * 8 * 3];
const scores = 2 * 5 * 5 * 8;
const forward = qkv + 2 * scores + out;
const plain = { microBatches: 1, checkpointing: false };

test('every product counts two operations, forward and for each gradient that is wanted', () => {
  // Gradients of both weights and of what the output reads; none of the input.
  expect(stepFlops(program(['qkv', 'out']), plain)).toBe(2 * (forward + 2 * out + 5 * scores + qkv));
});

test('backward ends above what is frozen', () => {
  expect(stepFlops(program(['out']), plain)).toBe(2 * (forward + out));
});

test('micro-batches take as often, first for the loss over all of them, and activations that are not kept are computed again', () => {
  const trained = program(['out']);
  expect(stepFlops(trained, { microBatches: 3, checkpointing: true })).toBe(2 * 3 * (3 * forward + out));
});
