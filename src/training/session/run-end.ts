import type { Recipe } from '../../recipe/schema';
import type { RunPlan } from '../data/plan';
import type { TaskDescription } from '../../tasks/description';
import type { Recorder } from './recorder';

/**
 * What is said at the end of a run. It always tells what has become of the weights that the run offers: kept, or only in the tab that trained
 * them.
 */

/** `interrupted`: the device was lost, so that the run may go on from its last checkpoint. */
export type EndReason = 'finished' | 'stopped' | 'early-stopping' | 'failed' | 'interrupted';

/** What a run knows of itself when it has come to an orderly end. */
export interface RunEnding {
  readonly reason: EndReason;
  readonly recipe: Recipe;
  readonly description: Pick<TaskDescription, 'deciding'>;
  readonly plan: Pick<RunPlan, 'totalSteps' | 'evaluateEvery'>;
  readonly recorder: Pick<Recorder, 'record' | 'unstored'>;
  /** The last step. */
  readonly step: number;
  /** The last weights are what the run offers. */
  readonly keepsLast: boolean;
  /** Some step was. */
  readonly measured: boolean;
}

/** What the user reads at an orderly end. */
export function farewell({
  reason,
  recipe,
  description,
  plan,
  recorder,
  step,
  keepsLast,
  measured,
}: RunEnding): string {
  if (step === 0) return 'Stopped before the first step.';
  const opening = {
    finished: `Finished after ${plan.totalSteps === 1 ? 'one step' : `${plan.totalSteps} steps`}.`,
    stopped: `Stopped after step ${step}.`,
    'early-stopping': `Stopped early after step ${step}: ${recipe.patience} evaluations brought no progress.`,
    failed: '',
    interrupted: '',
  }[reason];
  if (keepsLast) {
    const unmeasured = recipe.restoreBest && plan.evaluateEvery > 0 && !measured ? ' No step was measured.' : '';
    return `${opening}${unmeasured} The last weights ${fate(recorder)}.`;
  }
  const { bestStep } = recorder.unstored?.of ?? recorder.record;
  const { baseline } = recorder.record;
  const { label, inFull = label } = description.deciding(recipe, baseline ?? {});
  const measure = withinSentence(inFull);
  return bestStep === 0
    ? `${opening} No step was better than the base model by ${measure}, so what this run offers are the weights of the base model, unchanged. To keep the last weights all the same, switch off “Keep the best weights”.`
    : `${opening} The weights of step ${bestStep}, the best by ${measure}, ${fate(recorder)}.`;
}

/** A label as it stands in a sentence: plain words begin small, names such as Recall@1 do not. */
function withinSentence(label: string): string {
  return /^[A-Z][a-z]+(?![\w@])/.test(label) ? label.charAt(0).toLowerCase() + label.slice(1) : label;
}

/** What the user reads when the run could not go on. */
export function failureMessage(error: unknown, recorder: RunEnding['recorder']): string {
  const cause = error instanceof Error ? error.message : String(error);
  const { weightsStep } = recorder.unstored?.of ?? recorder.record;
  return weightsStep === null || weightsStep === 0
    ? cause
    : `${cause} The weights of step ${weightsStep} ${fate(recorder)}.`;
}

/** What has become of the weights that the run offers. */
function fate({ unstored, record }: RunEnding['recorder']): string {
  if (unstored === null) return 'are kept';
  const instead =
    record.weightsStep === null || record.weightsStep === 0 ? '' : `; those of step ${record.weightsStep} are stored`;
  return `could not be stored and last only as long as the tab that trained them${instead}`;
}
