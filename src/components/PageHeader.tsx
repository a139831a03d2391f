import type { ReactNode } from 'react';
import styles from './PageHeader.module.css';

interface PageHeaderProps {
  readonly title: ReactNode;
  /** One or two lines on the state of things. */
  readonly summary?: ReactNode;
  readonly actions?: ReactNode;
}

/** The top of a page: its name, its state in words, and what one does next at the right. */
export function PageHeader({ title, summary, actions }: PageHeaderProps) {
  return (
    <header className={styles['header']}>
      <div className={styles['words']}>
        <h1>{title}</h1>
        {summary !== undefined && <p className={styles['summary']}>{summary}</p>}
      </div>
      {actions !== undefined && <div className={styles['actions']}>{actions}</div>}
    </header>
  );
}
