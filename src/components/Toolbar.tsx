import type { ReactNode } from 'react';
import styles from './Toolbar.module.css';

/** The choices at the head of a page, side by side as far as there is room. */
export function Toolbar({ children }: { readonly children: ReactNode }) {
  return <div className={styles['toolbar']}>{children}</div>;
}
