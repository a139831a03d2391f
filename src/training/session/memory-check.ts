import { EngineError } from '../../engine/executor';
import { remedySentence } from '../../recipe/remedies';
import type { Recipe } from '../../recipe/schema';
import type { Capacity } from '../compute/capacity';
import { StudioError } from '../../protocol/errors';
import { lighterRuns, memoryShortage, type RunSituation } from './run-memory';

/**
 * Refuses a run that cannot fit, before anything is moved to the device.
 * @throws StudioError `does-not-fit` with what would help
 */
export function checkMemory(recipe: Recipe, situation: RunSituation, capacity: Capacity): void {
  const shortage = memoryShortage(recipe, situation, capacity);
  if (shortage === null) return;
  throw new StudioError('does-not-fit', `${shortage.message} ${remedySentence(shortage.remedies)}`);
}

/** A failure of a run; where the device had no room for it, with what would make the run smaller. */
export function withRemedies(error: unknown, recipe: Recipe, situation: RunSituation): unknown {
  if (!(error instanceof EngineError) || (error.code !== 'out-of-memory' && error.code !== 'limit')) return error;
  const advice = remedySentence(lighterRuns(recipe, situation));
  return new EngineError(error.code, `${error.message} ${advice}`, { cause: error });
}

/** True for failures that a run with smaller micro-batches may not meet. WASM and plain arrays tell of want of memory in words alone. */
export function wantsLessMemory(error: unknown): boolean {
  if (error instanceof EngineError) return error.code === 'out-of-memory' || error.code === 'limit';
  return (
    (error instanceof RangeError && /allocation failed|array length/i.test(error.message)) ||
    (error instanceof WebAssembly.RuntimeError && /out of bounds|out of memory/i.test(error.message))
  );
}
