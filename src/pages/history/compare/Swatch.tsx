import type { ComparedRun } from './overlay';
import styles from './ComparePage.module.css';

/** A piece of a run's curve. */
export function Swatch({ line: { color, dash } }: { readonly line: Pick<ComparedRun, 'color' | 'dash'> }) {
  return (
    <svg className={styles['swatch']} width="18" height="10" aria-hidden>
      <line x1="0" y1="5" x2="18" y2="5" stroke={color} strokeWidth="2.5" strokeDasharray={dash ?? undefined} />
    </svg>
  );
}
