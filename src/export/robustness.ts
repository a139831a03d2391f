import { metricText, valueOf, type Metrics } from '../tasks/metrics';
import { perturbations } from '../tasks/robustness';
import { taskOfFacts, type ExportFacts } from './facts';
import { table } from './markdown';

/** The card's section on robustness, where it was tested with the exported weights; else nothing. */
export function robustnessSection({ run }: Pick<ExportFacts, 'run'>): string {
  const tested = run?.robustness;
  if (run === null || tested === undefined || tested.step !== run.weightsStep) return '';
  const whole = tested.rows[0];
  if (whole === undefined) return '';
  const headline = taskOfFacts({ run }).headline(whole.tuned ?? whole.base);
  const text = (metrics: Metrics | null): string =>
    metrics === null ? '' : metricText(headline, valueOf(metrics, headline));
  const rows = tested.rows.map(({ id, base, tuned }) => {
    const way = perturbations.find((each) => each.id === id);
    return [way === undefined ? 'As they are' : `${way.label} (${way.text[tested.strength]})`, text(base), text(tuned)];
  });
  return `## Robustness\n\n${headline.inFull ?? headline.label} on the test samples, corrupted in one way after the other (${tested.strength}).\n\n${table(['Samples', 'Base model', 'This model'], rows)}`;
}
