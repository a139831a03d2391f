import styles from './Legend.module.css';

/**
 * What the lines of a run's charts mean; the same in all of them.
 *
 * @param kept the place of the upright line in words: whose weights were kept; null where there is none
 */
export function Legend({ kept }: { readonly kept: string | null }) {
  return (
    <ul className={styles['legend']} aria-label="Lines">
      <li>
        <i className={styles['training']} aria-hidden />
        training
      </li>
      <li>
        <i className={styles['validation']} aria-hidden />
        validation
      </li>
      <li>
        <i className={styles['base']} aria-hidden />
        base model
      </li>
      {kept !== null && (
        <li>
          <i className={styles['kept']} aria-hidden />
          kept, {kept}
        </li>
      )}
    </ul>
  );
}
