import { EngineError, type TrainerOptions } from '../executor';
import { writtenState } from '../ops';
import type { TrainingProgram } from './differentiate';

/**
 * @throws EngineError `validation` where a step would compute nodes a second time from states that they have changed already
 */
export function checkStates(
  { graph }: Pick<TrainingProgram, 'graph'>,
  { checkpointing = false, microBatches = 1 }: Pick<TrainerOptions, 'checkpointing' | 'microBatches'>,
): void {
  if (!checkpointing && microBatches === 1) return;
  const node = graph.nodes.find((other) => writtenState(other) !== null);
  if (node === undefined) return;
  const option = checkpointing ? 'gradient checkpointing' : 'micro-batches';
  const message = `The model keeps values from step to step (${node.op}), which ${option} would change twice. Train without.`;
  throw new EngineError('validation', message);
}
