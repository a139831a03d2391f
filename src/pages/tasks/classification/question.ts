import { fieldOf } from '../../../recipe/fields';
import type { Run } from '../../../runs/types';
import type { AttentionQuestion } from '../../../stores/attention';
import { fillTemplate } from '../../../training/label-template';

/**
 * What base and tuned model are asked where it is to be seen where in a picture they look for a class: the base model in words, a trained head for its
 * class. Null where a head does more than weigh the patches, so that it cannot be told which of them speak for a class.
 */
export function classQuestion(
  { recipe, weightsStep }: Pick<Run, 'recipe' | 'weightsStep'>,
  who: 'base' | 'tuned',
  label: string,
): AttentionQuestion | null {
  const { task } = recipe;
  if (task.type !== 'classification' || task.input !== 'picture' || task.labelKind === 'several') return null;
  const [template = '{}'] = (fieldOf(recipe, 'promptTemplate') ?? '{}').split('\n');
  const inWords = { kind: 'words', text: fillTemplate(template, label) } as const;
  // At step 0 nothing was trained that could answer.
  if (who === 'base' || weightsStep === 0) return inWords;
  return task.head === 'linear' && task.labelKind !== 'ordered' ? { kind: 'label', label } : null;
}
