import { Card } from '../../components/Card';
import { cx } from '../../components/cx';
import { Disclosure } from '../../components/Disclosure';
import { controlOf } from '../../recipe/control';
import { infoOf, isRelevant } from '../../recipe/describe';
import type { FieldGroup } from '../../recipe/field';
import { recipeKeys, type RecipeKey } from '../../recipe/fields';
import type { Recipe } from '../../recipe/schema';
import { useMachineStore } from '../../stores/machine';
import { editedKeys, useRecipeStore } from '../../stores/recipe';
import { ChangesOnTheWay } from './ChangesOnTheWay';
import { RecipeField } from './RecipeField';
import { ScheduleSketch } from './ScheduleSketch';
import styles from './RecipeForm.module.css';

/** The cards of the form, in order. Which fields a card has follows from the schema. */
const groups: readonly { readonly id: FieldGroup; readonly title: string }[] = [
  { id: 'duration', title: 'Length and batches' },
  { id: 'optimizer', title: 'Optimizer' },
  { id: 'augmentation', title: 'Augmentation' },
  { id: 'regularization', title: 'Regularisation' },
  { id: 'evaluation', title: 'Evaluation' },
  { id: 'memory', title: 'Memory' },
];

/** What the model is taught, above all else. */
export function TaskCard() {
  const recipe = useRecipeStore((state) => state.recipe);
  return <GroupCard title="Task" group="task" recipe={recipe} />;
}

/** Every setting besides the model and the layers, in groups; the rarer ones behind "Advanced". */
export function RecipeForm() {
  const recipe = useRecipeStore((state) => state.recipe);
  return (
    <div className={styles['form']}>
      {groups.map(({ id, title }) => (
        <GroupCard key={id} title={title} group={id} recipe={recipe} />
      ))}
    </div>
  );
}

interface GroupCardProps {
  readonly title: string;
  readonly group: FieldGroup;
  readonly recipe: Recipe;
}

function GroupCard({ title, group, recipe }: GroupCardProps) {
  const preset = useRecipeStore((state) => state.preset);
  const edited = new Set(editedKeys({ recipe, preset }));
  // Where the machine cannot, there is nothing to choose; a recipe from elsewhere that asks for it can still be changed.
  const canMix = useMachineStore((state) => state.capabilities?.mixedPrecision === true) || recipe.mixedPrecision;
  const shown = recipeKeys.filter(
    (key) =>
      infoOf(key, recipe).group === group &&
      controlOf(key, recipe).kind !== 'none' &&
      isRelevant(key, recipe) &&
      (key !== 'mixedPrecision' || canMix),
  );
  const plain = shown.filter((key) => infoOf(key, recipe).advanced !== true);
  const advanced = shown.filter((key) => infoOf(key, recipe).advanced === true);
  const changed = advanced.filter((key) => edited.has(key)).length;
  const fields = (keys: readonly RecipeKey[]) => (
    <div className={cx(styles['fields'], group === 'task' && styles['wide'])}>
      {keys.map((key) => (
        <RecipeField key={key} field={key} recipe={recipe} edited={edited.has(key)} />
      ))}
    </div>
  );
  if (plain.length === 0) {
    // A group of rarities opens as a whole.
    return (
      <Card>
        <Disclosure label={<GroupLabel title={title} changed={changed} />}>{fields(advanced)}</Disclosure>
      </Card>
    );
  }
  return (
    <Card title={title}>
      {fields(plain)}
      {group === 'optimizer' && <ScheduleSketch />}
      {group === 'duration' && <ChangesOnTheWay />}
      {advanced.length > 0 && (
        <div className={styles['advanced']}>
          <Disclosure label={<GroupLabel title="Advanced" changed={changed} />}>{fields(advanced)}</Disclosure>
        </div>
      )}
    </Card>
  );
}

function GroupLabel({ title, changed }: { readonly title: string; readonly changed: number }) {
  return (
    <>
      {title}
      {changed > 0 && <small className={styles['changed']}>{changed} edited</small>}
    </>
  );
}
