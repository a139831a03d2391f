import { adviceOnCurves } from './curves';
import type { Evidence } from './evidence';
import type { Advice } from './note';
import { adviceOnSetup } from './setup';

/** What there is to say of a run, most pressing first; nothing where all is well. It only advises. */
export function advise(evidence: Evidence): readonly Advice[] {
  return [...adviceOnCurves(evidence), ...adviceOnSetup(evidence)];
}
