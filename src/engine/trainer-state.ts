import { EngineError, type OptimizerOptions, type TensorMap } from './executor';

/** Entries of a trainer's state that belong to no tensor. None of them can be a tensor's moment, whatever the tensor is called. */
export const stateEntries = {
  /** Steps that the optimizer took: those that were left out do not count. */
  steps: 'optimizer.steps',
  /** Mixed precision: the loss scale. */
  lossScale: 'loss_scaling.scale',
  /** Mixed precision: good steps in a row since the loss scale last changed. */
  goodSteps: 'loss_scaling.good_steps',
} as const;

/** Moments that an optimizer keeps, by the names PyTorch's optimizers use. */
export function momentNames(optimizer: OptimizerOptions): readonly string[] {
  if (optimizer.type !== 'sgd') return ['exp_avg', 'exp_avg_sq'];
  return optimizer.momentum === 0 ? [] : ['momentum_buffer'];
}

/** The state's entry for a moment of a checkpoint tensor. */
export function momentEntry(tensor: string, moment: string): string {
  return `${tensor}.${moment}`;
}

/** What a trainer counts besides its moments. */
export interface Progress {
  readonly steps: number;
  /** Null in float32. */
  readonly lossScaling: { readonly scale: number; readonly goodSteps: number } | null;
}

/** The entries for what a trainer counts. */
export function progressEntries({ steps, lossScaling }: Progress): Map<string, Float32Array> {
  const entries = new Map<string, Float32Array>([[stateEntries.steps, Float32Array.of(steps)]]);
  if (lossScaling !== null) {
    entries.set(stateEntries.lossScale, Float32Array.of(lossScaling.scale));
    entries.set(stateEntries.goodSteps, Float32Array.of(lossScaling.goodSteps));
  }
  return entries;
}

/**
 * What a state says was counted.
 * @param moments lengths of the moments that belong into the state, by entry
 * @param mixed whether the trainer scales its loss
 * @throws EngineError `validation` naming every entry that is missing, not known, of another length, or impossible
 */
export function readProgress(state: TensorMap, moments: ReadonlyMap<string, number>, mixed: boolean): Progress {
  const { steps, lossScale, goodSteps } = stateEntries;
  const single = [steps, ...(mixed ? [lossScale, goodSteps] : [])].map((name) => [name, 1] as const);
  const expected = new Map<string, number>([...moments, ...single]);
  const faults = [
    list(
      'lacks',
      [...expected.keys()].filter((name) => !state.has(name)),
    ),
    list(
      'has, without a use for them,',
      [...state.keys()].filter((name) => !expected.has(name)),
    ),
    list(
      'has the wrong number of elements in',
      [...state].flatMap(([name, { length }]) => {
        const wanted = expected.get(name);
        return wanted === undefined || wanted === length ? [] : [`${name} (${length} instead of ${wanted})`];
      }),
    ),
  ].filter((fault) => fault !== '');
  if (faults.length > 0) throw new EngineError('validation', `The trainer's state ${faults.join('; it ')}.`);
  const count = (name: string): number => {
    const value = state.get(name)?.[0] ?? NaN;
    if (Number.isInteger(value) && value >= 0) return value;
    throw new EngineError('validation', `The trainer's state says ${name} = ${value}, which is no number of steps.`);
  };
  if (!mixed) return { steps: count(steps), lossScaling: null };
  const scale = state.get(lossScale)?.[0] ?? NaN;
  if (!(scale > 0 && scale < Infinity)) {
    throw new EngineError('validation', `The trainer's state says ${lossScale} = ${scale}, which is no scale.`);
  }
  return { steps: count(steps), lossScaling: { scale, goodSteps: count(goodSteps) } };
}

/** Names that an error tells; the rest are counted. */
const mostNamed = 5;

function list(what: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const more = names.length - mostNamed;
  return `${what} ${names.slice(0, mostNamed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
