import { expect } from 'vitest';
import { plainSgd, type Executor } from '../../executor';
import { GraphBuilder } from '../../graph/builder';
import { differentiate } from '../../graph/differentiate';
import { elementLoss } from '../element-loss/node';
import { linear } from '../linear/node';
import { dropout } from './node';

/** Odd, so that no work group is filled. */
const side = 61;
const count = side * side;

/**
 * What training drops: as much as it is asked to, the same for the same seed and something else for another, by masks of their own at different places,
 * and in backward what was dropped in forward. Two matrices are dropped from and added up, one of ones and one of zeros, and the mean of the squares
 * is the loss: the gradient of the first is 2 m² over their number for its mask m, and that of the second 2 m of the first times its own.
 */
export async function checkMasks(executor: Executor, probability: number): Promise<void> {
  const builder = new GraphBuilder();
  const shape = [side, side];
  const input = (name: string) => builder.input(name, 'f32', shape);
  const dropped = ['first', 'second'].map((name) => {
    const one = linear(builder, input('identity'), builder.parameter(shape, { name, shape }));
    return dropout(builder, one, probability);
  });
  const [first = 0, second = 0] = dropped;
  const sum = linear(builder, first, builder.parameter(shape, { name: 'identity_weight', shape }), {
    residual: second,
  });
  const targets = { targets: input('zeros'), weights: input('ones') };
  const graph = builder.build({ loss: elementLoss(builder, sum, targets, { kind: 'squared' }) });
  const identity = Float32Array.from({ length: count }, (_, at) => Number(at % (side + 1) === 0));
  const ones = new Float32Array(count).fill(1);
  const store = await executor.createStore(
    graph.parameters,
    new Map([
      ['first', ones],
      ['second', new Float32Array(count)],
      ['identity_weight', identity],
    ]),
  );
  const trained = graph.parameters.slice(0, 2).map(({ value }) => value);
  const trainer = await executor.compileTraining(
    differentiate(graph, graph.outputs['loss'] ?? -1, new Set(trained)),
    store,
    plainSgd,
  );
  const inputs = { identity, zeros: new Float32Array(count), ones };
  const drawn = async (seed: number) => {
    const { loss, gradients } = await trainer.gradients(inputs, seed);
    return { loss, first: [...(gradients.get('first') ?? [])], second: [...(gradients.get('second') ?? [])] };
  };
  const [once, again, other] = [await drawn(7), await drawn(7), await drawn(8)];
  expect(again).toEqual(once);

  const scale = 1 / (1 - probability);
  const whole = (2 * scale ** 2) / count;
  const kept = once.first.filter((value) => value !== 0);
  for (const value of kept) expect(Math.abs(value / whole - 1)).toBeLessThan(1e-5);
  // Forward has kept as many elements as backward: half of one is the tolerance, for what sums in float32 round.
  expect(Math.abs((once.loss * count) / scale ** 2 - kept.length)).toBeLessThan(0.5);
  const spread = Math.sqrt((probability * (1 - probability)) / count);
  const keptShare = (values: readonly number[]): number => values.filter((value) => value !== 0).length / count;
  expect(Math.abs(keptShare(once.first) - (1 - probability))).toBeLessThan(5 * spread);

  // Masks of other seeds and other places agree as often as chance has it.
  const bothKept = (a: readonly number[], b: readonly number[]): number =>
    a.filter((value, at) => value !== 0 && b[at] !== 0).length / count;
  const chance = (1 - probability) ** 2;
  const ofChance = 5 * Math.sqrt((chance * (1 - chance)) / count);
  expect(Math.abs(bothKept(once.first, other.first) - chance)).toBeLessThan(ofChance);
  const secondWhereFirst = once.second.filter((value) => value !== 0).length / count;
  expect(Math.abs(secondWhereFirst - chance)).toBeLessThan(ofChance);
  // Neither does a mask go on in rows.
  const neighbours = once.first.filter((value, at) => value !== 0 && once.first[at + 1]).length / count;
  expect(Math.abs(neighbours - chance)).toBeLessThan(ofChance);
  trainer.dispose();
  store.dispose();
}
