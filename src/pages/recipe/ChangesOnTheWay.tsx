import { X } from 'lucide-react';
import { IconButton } from '../../components/Button';
import { count } from '../../components/format';
import { changeText } from '../../recipe/changes';
import { infoOf } from '../../recipe/describe';
import { useRecipeStore } from '../../stores/recipe';
import styles from './ChangesOnTheWay.module.css';

/** What the next run changes of itself behind some steps; nothing where the recipe has none, which is nearly always. */
export function ChangesOnTheWay() {
  const changes = useRecipeStore(({ recipe }) => recipe.changes);
  if (changes.length === 0) return null;
  const { label, help } = infoOf('changes');
  const without = (removed: number): void =>
    useRecipeStore.getState().set(
      'changes',
      changes.filter((_, index) => index !== removed),
    );
  return (
    <section className={styles['changes']} aria-label={label}>
      <h3>{label}</h3>
      <p>{help}</p>
      <ul>
        {changes.map((change, index) => {
          const text = `After step ${count(change.step)}: ${changeText(change)}`;
          return (
            <li key={`${index} ${text}`}>
              {text}
              <IconButton label={`Remove “${text}”`} size="s" icon={<X />} onClick={() => without(index)} />
            </li>
          );
        })}
      </ul>
    </section>
  );
}
