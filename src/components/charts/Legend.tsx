import styles from './Legend.module.css';

/** What the lines of a run's charts mean; the same in all of them. */
export function Legend() {
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
    </ul>
  );
}
