import { adviceOnCurves } from './curves';
import type { Evidence } from './evidence';
import { adviceOnMeasures } from './measures';
import type { Advice } from './note';
import { adviceOnSetup } from './setup';

/** What there is to say of a run by its curves, most pressing first, while it goes on and afterwards. It only advises. */
export function adviseOnCourse(evidence: Evidence): readonly Advice[] {
  const curves = adviceOnCurves(evidence);
  // Where the loss is no number, nothing else is worth a word.
  if (curves.some(({ id, stop }) => id === 'rate-high' && stop === true)) return curves;
  return [...curves, ...adviceOnMeasures(evidence)];
}

/** What there is to say of a run, most pressing first; nothing where all is well. */
export function advise(evidence: Evidence): readonly Advice[] {
  return [...adviseOnCourse(evidence), ...adviceOnSetup(evidence)];
}
