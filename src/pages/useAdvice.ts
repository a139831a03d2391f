import type { Finding } from '../recipe/checks';
import { checkAttention } from '../recipe/slow-attention';
import { machineOf } from '../stores/readiness';
import { useMachineStore } from '../stores/machine';
import { useRecipeStore } from '../stores/recipe';
import { useReadiness } from './useReadiness';

/** What stands in the way of a run, and what is worth knowing where a recipe is set up or started. The rail does without the latter, which comes with the pages. */
export function useAdvice(): readonly Finding[] {
  const findings = useReadiness();
  const recipe = useRecipeStore((state) => state.recipe);
  const capabilities = useMachineStore((state) => state.capabilities);
  return [...findings, ...checkAttention(recipe, machineOf(capabilities))];
}
