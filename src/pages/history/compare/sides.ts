import type { RunsCompared } from '../../../protocol/compared';
import { changesOf, type ChangedSample, type ChangeKind, type Changes } from '../../../tasks/changes';
import type { Outcome, OutcomeSample } from '../../../tasks/outcomes';

/** A sample with what each run said of it. */
export interface SampleSides {
  readonly sample: OutcomeSample;
  readonly outcomes: readonly Outcome[];
}

/** Fixed, broken and wrong samples from the first run to another; null where there is nothing to compare. */
export function turnedFrom({ samples, runs }: RunsCompared, runId: string): Changes | null {
  const [first] = runs;
  const other = runs.find((run) => run.runId === runId);
  if (first === undefined || other === undefined || other === first) return null;
  return changesOf({ samples, base: first.outcomes, tuned: other.outcomes, turned: other.turned });
}

/** The samples of one kind, those that changed most first, with what all runs said. */
export function sidesOfKind(result: RunsCompared, changes: Changes, kind: ChangeKind): readonly SampleSides[] {
  const nameOf = ({ imageId, asked = '', wanted }: Pick<ChangedSample, 'imageId' | 'asked' | 'wanted'>): string =>
    JSON.stringify([imageId, asked, wanted]);
  const places = new Map<string, number[]>();
  result.samples.forEach((sample, place) => {
    const name = nameOf(sample);
    places.set(name, [...(places.get(name) ?? []), place]);
  });
  return changes[kind].samples.flatMap((changed): readonly SampleSides[] => {
    const place = places.get(nameOf(changed))?.shift();
    const sample = place === undefined ? undefined : result.samples[place];
    if (place === undefined || sample === undefined) return [];
    return [{ sample, outcomes: result.runs.flatMap(({ outcomes }) => outcomes[place] ?? []) }];
  });
}
