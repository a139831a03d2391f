import { afterAll, beforeAll, expect, test } from 'vitest';
import { acquireDevice } from '../../device';
import { plainSgd, type Executor, type TrainerOptions } from '../../executor';
import { GraphBuilder } from '../../graph/builder';
import { differentiate, type TrainingProgram } from '../../graph/differentiate';
import { elementCount } from '../../graph/value';
import { createTfjsExecutor } from '../../tfjs/executor';
import { createWebGpuExecutor } from '../../webgpu/executor';
import { crossEntropy } from '../cross-entropy/node';
import { linear } from './node';

const [rows, width, hidden] = [6, 8, 20];

/** An MLP of frozen weights, with adapters on both layers: the second takes the derivative of the first one's activation along. */
function adaptedMlp(): TrainingProgram {
  const builder = new GraphBuilder();
  const parameter = (name: string, ...shape: number[]) => builder.parameter(shape, { name, shape });
  const adapter = (name: string, rank: number, inner: number, changed: number, column: number, scale: number) => ({
    a: parameter(`${name}.a`, rank, inner),
    b: parameter(`${name}.b`, changed, rank),
    column,
    scale,
  });
  const x = linear(builder, builder.input('x', 'f32', [rows, width]), parameter('entry', width, width));
  const middle = linear(builder, x, parameter('fc1', hidden, width), {
    bias: parameter('bias', hidden),
    activation: 'gelu',
    adapters: [adapter('first', 3, width, hidden, 0, 0.5)],
  });
  const y = linear(builder, middle, parameter('fc2', width, hidden), {
    residual: x,
    adapters: [adapter('low', 2, hidden, 4, 0, 2), adapter('high', 4, hidden, 3, 5, -1)],
  });
  const loss = crossEntropy(builder, y, builder.input('targets', 'i32', [rows]));
  const graph = builder.build({ loss });
  const trained = graph.parameters.filter(({ parts }) => /\.[ab]$|entry/.test(parts[0]?.name ?? ''));
  return differentiate(graph, loss, new Set(trained.map(({ value }) => value)));
}

const wave = (length: number, phase: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.sin(1.7 * i + phase));

async function gradientsOn(executor: Executor, options: TrainerOptions) {
  const program = adaptedMlp();
  const tensors = program.graph.parameters.flatMap(({ parts }, phase) =>
    parts.map(({ name, shape }) => [name, wave(elementCount(shape), phase)] as const),
  );
  const store = await executor.createStore(program.graph.parameters, new Map(tensors));
  const trainer = await executor.compileTraining(program, store, options);
  const inputs = { x: wave(rows * width, 40), targets: new Int32Array([0, 3, 1, 7, 2, 5]) };
  const result = await trainer.gradients(inputs, 1);
  trainer.dispose();
  store.dispose();
  return result;
}

let webgpu: Executor;
let reference: Executor;

beforeAll(async () => {
  webgpu = await createWebGpuExecutor(await acquireDevice(), { selfTest: false });
  reference = await createTfjsExecutor('tfjs-cpu');
});

afterAll(() => webgpu.dispose());

test.each([false, true])('adapters of layers in a row are learnt alone, checkpointing: %s', async (checkpointing) => {
  const options = { ...plainSgd, checkpointing };
  const expected = await gradientsOn(reference, options);
  const found = await gradientsOn(webgpu, options);
  expect(found.loss).toBeCloseTo(expected.loss, 4);
  const learnt = ['entry', 'first.a', 'first.b', 'high.a', 'high.b', 'low.a', 'low.b'];
  expect([...found.gradients.keys()].sort()).toEqual(learnt);
  for (const name of learnt) {
    const values = expected.gradients.get(name) ?? new Float32Array();
    const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
    values.forEach((value, i) =>
      expect((found.gradients.get(name)?.[i] ?? NaN) / scale, name).toBeCloseTo(value / scale, 3),
    );
  }
});
