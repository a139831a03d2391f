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

interface BarsProps {
  readonly bars: readonly Bar[];
  readonly tuned: boolean;
  /** The label that is looked at now. */
  readonly chosen: string | null;
  readonly onChoose: (label: string) => void;
}

/** Words with how well they fit, best first. A click shows where the models look for them. */
export function Bars({ bars, tuned, chosen, onChoose }: BarsProps) {
  return (
    <ol className={styles['bars']}>
      {bars.map(({ label, share, value, right }) => (
        <li key={label} className={cx(right && styles['right'])}>
          <button
            type="button"
            className={styles['label']}
            title={label}
            aria-pressed={label === chosen}
            onClick={() => onChoose(label)}
          >
            {label}
            {right && <small> its own</small>}
          </button>
          <span className={styles['value']}>{value}</span>
          <span className={styles['track']} aria-hidden>
            <i className={tuned ? styles['tuned'] : styles['base']} style={{ width: `${100 * Math.min(1, share)}%` }} />
          </span>
        </li>
      ))}
    </ol>
  );
}
