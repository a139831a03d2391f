import type { ReactNode } from 'react';
import styles from './Emblem.module.css';

/** A picture sign in a disc, above the title of an empty place. */
export function Emblem({ children }: { readonly children: ReactNode }) {
  return <span className={styles['emblem']}>{children}</span>;
}
