import { EngineError, type TrainerOptions } from './executor';
import type { ParameterSpec } from './graph/ir';

/** Parameters that are updated in a way of their own, as a parameter group of `torch.optim` is. */
export interface ParameterGroup {
  /** Checkpoint names. A tensor is in one group at most; tensors that form one parameter are in the same. */
  readonly names: ReadonlySet<string>;
  /** The step's learning rate is multiplied by it. Default: 1. */
  readonly rateFactor?: number;
  /** Default: that of the options. */
  readonly weightDecay?: number;
  /** Range that the values are kept in after each update. Default: any value. */
  readonly clamp?: readonly [min: number, max: number];
}

/** How one parameter is updated. */
export interface UpdateSettings {
  readonly rateFactor: number;
  readonly weightDecay: number;
  readonly clamp: readonly [min: number, max: number] | null;
}

/**
 * How a parameter is updated: as its group says, or the options where it is in none.
 *
 * @throws EngineError where its tensors are in different groups, or one is in several
 */
export function updateSettings(
  { parts }: ParameterSpec,
  { groups, weightDecay }: Pick<TrainerOptions, 'groups' | 'weightDecay'>,
): UpdateSettings {
  const held = groups.filter(({ names }) => parts.some(({ name }) => names.has(name)));
  const [group] = held;
  if (group !== undefined && (held.length > 1 || !parts.every(({ name }) => group.names.has(name)))) {
    const names = parts.map(({ name }) => name).join(', ');
    throw new EngineError(
      'validation',
      parts.length === 1
        ? `${names} is in several parameter groups.`
        : `${names} form one parameter, so they have to be in the same parameter group.`,
    );
  }
  return {
    rateFactor: group?.rateFactor ?? 1,
    weightDecay: group?.weightDecay ?? weightDecay,
    clamp: group?.clamp ?? null,
  };
}
