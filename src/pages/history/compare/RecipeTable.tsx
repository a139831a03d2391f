import { useMemo } from 'react';
import { Card } from '../../../components/Card';
import { differingFields } from '../../../recipe/table';
import { repeatableRecipe } from '../../../runs/repeat';
import type { ComparedRun } from './overlay';
import { RunHeads } from './RunHeads';
import styles from './ComparePage.module.css';

/** The fields in which not all recipes are alike. */
export function RecipeTable({ compared }: { readonly compared: readonly ComparedRun[] }) {
  const fields = useMemo(() => differingFields(compared.map(({ run }) => repeatableRecipe(run))), [compared]);
  if (compared.length < 2) return null;
  return (
    <Card title="What their recipes differ in">
      {fields.length === 0 ? (
        <p className={styles['hint']}>In nothing: they have the same recipe.</p>
      ) : (
        <div className={styles['scroll']} tabIndex={0} role="region" aria-label="Differing fields">
          <table className={styles['table']}>
            <RunHeads first="Field" compared={compared} />
            <tbody>
              {fields.map(({ key, label, values }) => (
                <tr key={key}>
                  <th scope="row">{label}</th>
                  {values.map((value, place) => (
                    <td key={compared[place]?.run.id}>{value}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}
