import { cx } from '../../components/cx';
import styles from './Bars.module.css';

interface Bar {
  readonly label: string;
  /** 0…1. */
  readonly share: number;
  readonly value: string;
  /** Marked as what the picture is. */
  readonly right: boolean;
}

/** Words with how well they fit, best first. */
export function Bars({ bars, tuned }: { readonly bars: readonly Bar[]; readonly tuned: boolean }) {
  return (
    <ol className={styles['bars']}>
      {bars.map(({ label, share, value, right }) => (
        <li key={label} className={cx(right && styles['right'])}>
          <span className={styles['label']} title={label}>
            {label}
            {right && <small> its own</small>}
          </span>
          <span className={styles['value']}>{value}</span>
          <span className={styles['track']} aria-hidden>
            <i className={tuned ? styles['tuned'] : styles['base']} style={{ width: `${100 * Math.min(1, share)}%` }} />
          </span>
        </li>
      ))}
    </ol>
  );
}
