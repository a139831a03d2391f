import type { Dataset } from '../dataset/types';
import { embeddedModel } from '../model/catalogue';
import type { Run } from '../runs/types';
import { tasks, taskOf } from '../tasks';
import type { Knowledge } from '../tasks/description';
import type { EvaluationReport } from '../protocol/evaluation';
import { weightsKey } from './chosenWeights';
import { dataKey } from './dataKey';
import { evaluationKey } from './evaluation';
import type { Job } from './jobs';

/** The sample that the embedded model was measured on: it finds the right name of a drawing before 98 of 100 wrong ones. */
const knownSample = 'fluent-emoji';

/**
 * What a base model knows of the pictures in use, from what has been measured: an evaluation of it alone, or the beginning of a run on this
 * dataset. Null while nothing has been.
 */
export function knowledgeOfBase(
  model: string,
  dataset: Dataset | null,
  runs: readonly Run[],
  evaluations: Readonly<Record<string, Job<EvaluationReport>>>,
): Knowledge | null {
  if (dataset === null) return null;
  for (const split of ['validation', 'test']) {
    const job = evaluations[evaluationKey(weightsKey(null, model), dataKey(dataset), split)];
    const known = job?.state === 'done' ? tasks[job.result.task].knowledge(job.result.base) : null;
    if (known !== null) return known;
  }
  for (const run of runs) {
    if (run.recipe.model !== model || run.dataset.id !== dataset.id || run.baseline === null) continue;
    const known = taskOf(run.recipe).knowledge(run.baseline);
    if (known !== null) return known;
  }
  return model === embeddedModel && dataset.origin === knownSample ? 'much' : null;
}
