import type { ReactNode } from 'react';
import styles from './WideTable.module.css';

interface WideTableProps {
  /** What the figures are about, for those who come here with the Tab key. */
  readonly label: string;
  /** The table. */
  readonly children: ReactNode;
}

/** A table that scrolls sideways by itself where the page is too narrow for it, by keyboard too. */
export function WideTable({ label, children }: WideTableProps) {
  return (
    <div className={styles['scroll']} tabIndex={0} role="group" aria-label={label}>
      {children}
    </div>
  );
}
