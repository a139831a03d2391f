import type { Executor, Trainer } from '../../engine/executor';

/** The executor, which tells of each step that it was given; `onStep` may keep it from ever being done. */
export function watching(watched: Executor, onStep: (step: number) => void | Promise<void>): Executor {
  return Object.assign(Object.create(watched) as Executor, {
    async compileTraining(...options: Parameters<Executor['compileTraining']>): Promise<Trainer> {
      const trainer = await watched.compileTraining(...options);
      const step = trainer.step.bind(trainer);
      // On the trainer itself, whose other methods go on with what this one leaves.
      trainer.step = async (inputs, scalars) => {
        await step(inputs, scalars);
        await onStep(scalars.step);
      };
      return trainer;
    },
  });
}
