import { taskPart } from '../../../recipe/fields';
import { headMemory } from '../heads/memory';
import type { MemoryQuestion, TaskMemory } from '../memory';

/** The towers that are read, with a head for a number; a few more make no difference. */
export function regressionMemory(question: MemoryQuestion): TaskMemory {
  return headMemory(question, taskPart(question.recipe, 'regression'), { outputs: 1, ordered: false });
}
