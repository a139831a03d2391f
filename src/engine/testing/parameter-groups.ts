import { expect } from 'vitest';
import { EngineError, plainSgd, type Executor, type TrainerOptions } from '../executor';
import { towerInputs, towerTensors, twoTowers } from '../tfjs/testing/two-towers';
import { optimizers } from './trainer-state';

const program = twoTowers();

async function train(executor: Executor, options: TrainerOptions, learningRate: number, steps: number) {
  const store = await executor.createStore(program.graph.parameters, towerTensors());
  const trainer = await executor.compileTraining(program, store, options);
  for (let step = 1; step <= steps; step++) await trainer.step(towerInputs(), { step, learningRate, seed: 1 });
  await trainer.readings(true);
  const weights = await store.read();
  trainer.dispose();
  store.dispose();
  return weights;
}

/**
 * A group whose rate factor is a power of two takes the very steps of a rate that is so much smaller, decoupled weight decay and clamping
 * included, and leaves the others as they are.
 */
export async function checkRateFactors(executor: Executor): Promise<void> {
  const ends = new Set(['image', 'text']);
  for (const optimizer of optimizers) {
    const plain: TrainerOptions = { optimizer, weightDecay: 0.1, maxGradNorm: 1, groups: [] };
    const all = { names: new Set([...ends, 'scale']), rateFactor: 0.25 };
    expect(await train(executor, { ...plain, groups: [all] }, 0.04, 3)).toEqual(await train(executor, plain, 0.01, 3));
    // After one step the gradients were the same, whatever the rates.
    const apart = await train(
      executor,
      {
        ...plain,
        groups: [
          { names: ends, rateFactor: 0.5, weightDecay: 0.1 },
          { names: new Set(['scale']), weightDecay: 0, clamp: [2.01, 3] },
        ],
      },
      0.04,
      1,
    );
    const slow = await train(executor, plain, 0.02, 1);
    for (const name of ends) expect(apart.get(name)).toEqual(slow.get(name));
    expect(apart.get('scale')?.[0]).toBeGreaterThanOrEqual(Math.fround(2.01));
  }
}

/** A tensor is in one group at most. */
export async function checkRefusedGroups(executor: Executor): Promise<void> {
  const names = new Set(['image']);
  const store = await executor.createStore(program.graph.parameters, towerTensors());
  const options = { ...plainSgd, groups: [{ names }, { names, rateFactor: 2 }] };
  const compiling = (async () => executor.compileTraining(program, store, options))();
  await expect(compiling).rejects.toThrow(EngineError);
  await expect(compiling).rejects.toThrow('image is in several parameter groups.');
  store.dispose();
}
