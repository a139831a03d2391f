import { EngineError, type TrainerOptions } from './executor';
import type { ParameterSpec } from './graph/value';

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
