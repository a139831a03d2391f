import { useEffect, useMemo } from 'react';
import { useMemoryAnswers } from '../stores/memory';
import { useMachineStore } from '../stores/machine';
import { useModelStore } from '../stores/model';
import type { SplitCounts } from '../stores/readiness';
import { useRecipeStore } from '../stores/recipe';
import type { Capabilities } from '../protocol/machine';
import type { MemoryEstimate } from '../model/memory';
import type { MemoryShortage, RunCounts } from '../protocol/run-needs';
import { useSplitCounts } from './useSplitCounts';

/** What the run of a recipe would take up, as far as the page knows what it is on. */
export interface RunMemory {
  /** Bytes by purpose; null while they are not known. */
  readonly estimate: MemoryEstimate | null;
  /** What keeps it from fitting; null also while nothing is known to. */
  readonly shortage: MemoryShortage | null;
}

/** What most machines turn out to be, until this one is known. */
const expected = { chosen: 'webgpu', mixedPrecision: false, largestTensor: null } as const;

const unknown: RunMemory = { estimate: null, shortage: null };

/**
 * The memory of a run with the recipe in use. The worker is asked whenever the recipe, the model, the pictures or the machine change; until it
 * answers, what it said last of this model stands.
 */
export function useRunMemory(): RunMemory {
  const recipe = useRecipeStore((state) => state.recipe);
  const model = useModelStore((state) => (state.model?.id === recipe.model ? state.model.id : null));
  const counts = useSplitCounts();
  const capabilities = useMachineStore((state) => state.capabilities);
  const question = useMemo(() => {
    if (model === null) return null;
    const machine = capabilities ?? expected;
    const { largestTensor } = machine;
    // Without pictures the batch is what the recipe says.
    const trainPairs = counts.trainPairs < 2 ? recipe.batchSize : counts.trainPairs;
    const params = { model, recipe, counts: countsOf(machine, { ...counts, trainPairs }), largestTensor };
    return { params, key: JSON.stringify(params) };
  }, [model, recipe, counts, capabilities]);
  useEffect(() => {
    if (question === null) return;
    useMemoryAnswers.getState().ask(question.params.model, question.key, question.params);
  }, [question]);
  const answer = useMemoryAnswers(({ answers }) => (model === null ? undefined : answers[model]));
  if (answer === undefined || answer.result === null || answer.problem !== null) return unknown;
  const { estimate, shortage } = answer.result;
  return { estimate, shortage: capabilities === null || counts.trainPairs < 2 ? null : shortage };
}

/** Captions may repeat, which is not counted. */
function countsOf(
  { chosen, mixedPrecision }: Pick<Capabilities, 'chosen' | 'mixedPrecision'>,
  { train, validation, trainPairs }: SplitCounts,
): RunCounts {
  return {
    kind: chosen,
    mixedPrecision,
    trainPairs,
    trainImages: train,
    validationImages: validation,
    texts: trainPairs + validation,
    evaluated: validation > 0,
  };
}
