import { onSameData } from '../../../runs/since';
import type { Run } from '../../../runs/types';
import { taskIdOf } from '../../../tasks';

/** Which of some runs can be ranked together. */
export interface Comparable<R extends Run> {
  /** Those that teach what the first teaches, on the very same data. */
  readonly ranked: readonly R[];
  /** The others, each with the reason why it cannot. */
  readonly apart: readonly { readonly run: R; readonly reason: string }[];
}

export function comparable<R extends Run>(runs: readonly R[]): Comparable<R> {
  const [first, ...others] = runs;
  if (first === undefined) return { ranked: [], apart: [] };
  const reasons = others.map((run) => ({ run, reason: reasonAgainst(first, run) }));
  return {
    ranked: [first, ...reasons.flatMap(({ run, reason }) => (reason === null ? [run] : []))],
    apart: reasons.flatMap(({ run, reason }) => (reason === null ? [] : [{ run, reason }])),
  };
}

function reasonAgainst(first: Run, run: Run): string | null {
  if (taskIdOf(run.recipe) !== taskIdOf(first.recipe)) return `it teaches something else than ${first.name}`;
  if (onSameData(first, run)) return null;
  return run.dataset.id === first.dataset.id
    ? `${run.dataset.name} was split or edited between it and ${first.name}, so that test pictures of one may have been trained on by the other`
    : `it was made on ${run.dataset.name}, and ${first.name} on ${first.dataset.name}`;
}
