import { taskPart } from '../../../recipe/fields';
import { headMemory } from '../heads/memory';
import type { MemoryQuestion, TaskMemory } from '../memory';

/** The page knows how many labels pictures have in all, not how many differ: more classes than this are few, and a head is small beside a tower. */
const mostClasses = 1000;

/** The towers that are read, with a head. */
export function classifierMemory(question: MemoryQuestion): TaskMemory {
  const task = taskPart(question.recipe, 'classification');
  const ordered = task.labelKind === 'ordered';
  const outputs = Math.min(mostClasses, Math.max(2, question.texts));
  return headMemory(question, task, { outputs, ordered });
}
