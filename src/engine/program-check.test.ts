import { expect, test } from 'vitest';
import type { Executor, Trainer } from './executor';
import { agreesWith } from './program-check';
import { createTfjsExecutor } from './tfjs/executor';

/** An executor whose gradients of one parameter are changed on their way out. */
function spoiled(executor: Executor, name: string, change: (value: number) => number): Executor {
  return {
    ...executor,
    createStore: (...args) => executor.createStore(...args),
    compileTraining: async (...args): Promise<Trainer> => {
      const trainer = await executor.compileTraining(...args);
      return {
        ...trainer,
        gradients: async (...inputs) => {
          const { loss, gradients } = await trainer.gradients(...inputs);
          gradients.set(name, (gradients.get(name) ?? new Float32Array()).map(change));
          return { loss, gradients };
        },
        dispose: () => trainer.dispose(),
      };
    },
  };
}

test('executors agree, and one gradient that is wrong or no number is seen', async () => {
  const cpu = await createTfjsExecutor('tfjs-cpu');
  const wasm = await createTfjsExecutor('tfjs-wasm', { wasmPaths: 'node_modules/@tensorflow/tfjs-backend-wasm/dist/' });
  expect(await agreesWith(wasm, cpu)).toBe(true);
  expect(
    await agreesWith(
      spoiled(wasm, 'text.out', (value) => 1.01 * value),
      cpu,
    ),
  ).toBe(false);
  expect(
    await agreesWith(
      spoiled(wasm, 'scale', () => NaN),
      cpu,
    ),
  ).toBe(false);
});
