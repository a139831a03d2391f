import { isCancelled, StudioError } from '../../protocol/errors';
import type { Evaluation } from '../../protocol/training';
import { yieldToMessages } from '../device-lock';
import { amountOf, type TaskWork } from '../tasks/task';
import type { Commands } from './commands';
import { currentWeights } from './current-weights';
import type { Pace, RunClock } from './run-clock';
import { Selection } from './selection';
import type { SessionOptions } from './session-options';
import type { SessionState } from './state';

interface EvaluationsOptions extends Pick<
  SessionOptions,
  'recipe' | 'plan' | 'task' | 'device' | 'recorder' | 'reporter' | 'now'
> {
  readonly commands: Commands;
  readonly clock: RunClock;
  readonly pace: Pace;
}

/** Measures the weights of a run on its way, and keeps those that the run is to offer: the best, or the last. */
export class Evaluations {
  private selection: Selection;
  private last = 0;

  constructor(private readonly options: EvaluationsOptions) {
    this.selection = this.newSelection();
  }

  private newSelection(): Selection {
    const { recipe, task } = this.options;
    return new Selection(
      (metrics) => task.description.deciding(recipe, metrics),
      recipe.earlyStopping ? recipe.patience : null,
    );
  }

  /** The last step that was measured; 0 before the first. */
  get lastStep(): number {
    return this.last;
  }

  /** True when patience has an end. */
  get exhausted(): boolean {
    return this.selection.exhausted;
  }

  /** Patience begins anew. */
  renewPatience(): void {
    this.selection.renewPatience();
  }

  /** True where the run ends with its last weights: it is to, or no step was measured and there are no better ones to go back to. */
  get keepsLast(): boolean {
    const { recipe, commands } = this.options;
    return !recipe.restoreBest || this.last === 0 || commands.keep === 'last';
  }

  snapshot(): Pick<SessionState, 'lastEvaluated' | 'selection'> {
    return { lastEvaluated: this.last, selection: this.selection.snapshot() };
  }

  restore({ lastEvaluated, selection }: Pick<SessionState, 'lastEvaluated' | 'selection'>): void {
    this.last = lastEvaluated;
    this.selection.restore(selection);
  }

  /** Knows of the base model alone, as after it was measured. */
  startOver(): void {
    this.last = 0;
    this.selection = this.newSelection();
    const { baseline } = this.options.recorder.record;
    if (baseline !== null) this.selection.take(0, baseline);
  }

  /** Takes up what the record knows of the steps behind the one that the run goes on from. */
  takeUp(step: number): void {
    const { recorder, recipe } = this.options;
    const { evaluations, bestStep } = recorder.record;
    // What was measured behind the checkpoint is better than what it knows of only if its weights are those that are kept.
    const kept = evaluations.find((evaluation) => evaluation.step > step && evaluation.step === bestStep);
    if (kept !== undefined) this.selection.hold(kept.step, kept.metrics);
    // The last weights were kept in the place of the best: whatever is measured next is the best that there is.
    else if (recipe.restoreBest && bestStep === null) this.selection.forgetBest();
  }

  /** Measures the base model, which all later evaluations are held against. What was measured of it in an earlier session the task has to know again. */
  async measureBase(): Promise<void> {
    const { task, recorder, reporter, plan, commands, now, pace } = this.options;
    if (plan.evaluateEvery === 0) return;
    // Nothing has begun yet that a stop could leave to be measured.
    const wanted = (): boolean => !commands.stopping;
    const began = now();
    const evaluation = await task.evaluate((work) => this.between('Measuring the base model', wanted, work));
    if (evaluation === null) return;
    pace.evaluated((now() - began) / 1000);
    this.selection.take(0, evaluation.metrics);
    await recorder.baseline(evaluation.metrics);
    reporter.event({ type: 'baseline', runId: recorder.record.id, metrics: evaluation.metrics });
  }

  /** Measures the weights of now, those of a step, and keeps them if they are the best so far. All readings are in. */
  async measure(step: number): Promise<void> {
    const { recipe, task, device, recorder, reporter, plan, now, commands, clock, pace } = this.options;
    commands.evaluation = false;
    if (plan.evaluateEvery === 0 || step === 0 || step === this.last) return;
    const label = `Measuring step ${step}`;
    commands.evaluating = true;
    commands.cancelled = false;
    reporter.phase('evaluating', label);
    const began = now();
    const evaluation = await task
      .evaluate((work) => this.between(label, () => !commands.cancelled, work))
      .catch((error: unknown) => {
        if ((commands.cutShort || commands.cancelled) && !commands.abandoned && isCancelled(error)) return null;
        throw error;
      })
      .finally(() => (commands.evaluating = false));
    if (evaluation === null) return;
    this.last = step;
    const best = this.selection.take(step, evaluation.metrics);
    const { metrics, change, predictions } = evaluation;
    const found: Evaluation = { step, seconds: clock.seconds(), metrics, change };
    const keeps = recipe.restoreBest ? best : recorder.weightsDue;
    const { bestStep } = this.selection;
    await recorder.evaluation(found, predictions, bestStep, keeps ? currentWeights(task.trainable, device) : null);
    pace.evaluated((now() - began) / 1000);
    const { id: runId } = recorder.record;
    reporter.event({ type: 'evaluation', runId, evaluation: found, predictions, best });
  }

  /** Keeps the weights of now, those of a step, in the place of any others. */
  async keepLast(step: number): Promise<void> {
    const { recipe, recorder, task, device } = this.options;
    const bestStep = recipe.restoreBest ? null : this.selection.bestStep;
    if (recorder.record.weightsStep !== step || recorder.unstored !== null)
      await recorder.weights(step, currentWeights(task.trainable, device), bestStep);
  }

  /** Lets messages in during an evaluation, which ends where it is wanted no more. */
  private async between(label: string, wanted: () => boolean, work?: TaskWork): Promise<void> {
    const { commands, reporter } = this.options;
    if (work !== undefined) reporter.phase('evaluating', `${label}: ${amountOf(work)}`, work.done / work.total);
    await yieldToMessages();
    if (commands.abandoned || commands.cutShort || !wanted()) throw new StudioError('cancelled', 'Cancelled.');
  }
}
