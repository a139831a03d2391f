import { plainSgd, type Executor } from './executor';
import { GraphBuilder } from './graph/builder';
import { attention } from './ops/attention/node';
import { contrastiveLoss } from './ops/contrastive-loss/node';
import { layerNorm } from './ops/layer-norm/node';
import { linear } from './ops/linear/node';
import { normalize } from './ops/normalize/node';
import { pool } from './ops/pool/node';
import { differentiate, type TrainingProgram } from './graph/differentiate';
import { elementCount } from './graph/value';

/** Largest difference relative to the largest magnitude in a tensor that rounding of float32 sums can explain. */
const tolerance = 1e-3;

const batch = 3;
const tokens = 5;
const width = 8;

/**
 * A step with every operation of a transformer whose kernels differ by backend: products with bias, activation and residual, layer norm, masked
 * attention, and the contrastive loss of two such towers.
 */
function checkedProgram(): TrainingProgram {
  const builder = new GraphBuilder();
  const parameter = (name: string, ...shape: readonly number[]) => builder.parameter(shape, { name, shape });
  const tower = (name: string, causal: boolean) => {
    const x = builder.input(`${name}.x`, 'f32', [batch * tokens, width]);
    const norm = layerNorm(builder, x, parameter(`${name}.norm`, width), parameter(`${name}.shift`, width), 1e-5);
    const qkv = linear(builder, norm, parameter(`${name}.qkv`, 3 * width, width));
    const attended = attention(builder, qkv, { batch, heads: 2, causal });
    const residual = linear(builder, attended, parameter(`${name}.out`, width, width), { residual: x });
    const middle = linear(builder, residual, parameter(`${name}.fc1`, 2 * width, width), {
      bias: parameter(`${name}.bias`, 2 * width),
      activation: causal ? 'quick_gelu' : 'gelu',
    });
    const pooled = pool(builder, middle, null, batch);
    return normalize(builder, linear(builder, pooled, parameter(`${name}.projection`, width, 2 * width)));
  };
  const keys = builder.input('keys', 'i32', [batch]);
  const loss = contrastiveLoss(builder, tower('image', false), tower('text', true), parameter('scale'), {
    imageKeys: keys,
    textKeys: keys,
    labelSmoothing: 0.1,
  });
  const graph = builder.build({ loss });
  return differentiate(graph, loss, new Set(graph.parameters.map(({ value }) => value)));
}

/** Repeatable numbers in [-1, 1]. */
function wave(count: number, phase: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.sin(1.7 * i + phase));
}

async function gradientsOn(executor: Executor): Promise<ReadonlyMap<string, Float32Array>> {
  const program = checkedProgram();
  const { parameters } = program.graph;
  const tensors = new Map(
    parameters.flatMap(({ parts }, index) =>
      parts.map(({ name, shape }) => [name, wave(elementCount(shape), index)] as const),
    ),
  );
  const store = await executor.createStore(parameters, tensors);
  try {
    const trainer = await executor.compileTraining(program, store, plainSgd);
    try {
      const size = batch * tokens * width;
      const inputs = { 'image.x': wave(size, 20), 'text.x': wave(size, 21), keys: Int32Array.of(0, 1, 2) };
      const { loss, gradients } = await trainer.gradients(inputs, 1);
      return new Map([...gradients, ['loss', Float32Array.of(loss)]]);
    } finally {
      trainer.dispose();
    }
  } finally {
    store.dispose();
  }
}

/** Whether a small training step has the same loss and gradients on both executors. */
export async function agreesWith(executor: Executor, reference: Executor): Promise<boolean> {
  const [found, expected] = [await gradientsOn(executor), await gradientsOn(reference)];
  return [...expected].every(([name, values]) => {
    const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
    // Written so that NaN fails.
    return values.every((value, i) => Math.abs((found.get(name)?.[i] ?? NaN) - value) <= tolerance * scale);
  });
}
