import type { EvaluationReport } from '../../protocol/evaluation';
import { tasks } from '../../tasks';
import { metricText, valueOf } from '../../tasks/metrics';

/** Something about the pictures or the base model that changes what the numbers of a report mean. */
export interface Caution {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

/** The caution of a base model that knows next to nothing of the pictures, whatever the task; null where there is no need. */
export function nearChance({ task, base }: EvaluationReport): Caution | null {
  const { knowledge, headline } = tasks[task];
  if (knowledge(base) !== 'little') return null;
  const metric = headline(base);
  return {
    id: 'near-chance',
    title: 'The base model does little better than guessing on these pictures.',
    text: `${metric.label} is ${metricText(metric, valueOf(base, metric))}. The base model does not know such pictures or such words, so that all has to be learnt from the training pictures; a base model that knows them would go further.`,
  };
}
