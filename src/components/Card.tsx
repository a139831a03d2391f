import { useId, type ReactNode } from 'react';
import { cx } from './cx';
import styles from './Card.module.css';

interface CardProps {
  /** Names the region; leave it out for a plain surface. */
  readonly title?: ReactNode;
  /** A sentence below the title. */
  readonly hint?: ReactNode;
  /** To the right of the title. */
  readonly actions?: ReactNode;
  readonly className?: string | undefined;
  readonly children?: ReactNode;
}

/** A calm surface that holds what belongs together. */
export function Card({ title, hint, actions, className, children }: CardProps) {
  const titleId = useId();
  const titled = title !== undefined;
  return (
    <section className={cx(styles['card'], className)} aria-labelledby={titled ? titleId : undefined}>
      {(titled || actions !== undefined) && (
        <header className={styles['header']}>
          <div>
            {titled && <h2 id={titleId}>{title}</h2>}
            {hint !== undefined && <p className={styles['hint']}>{hint}</p>}
          </div>
          {actions !== undefined && <div className={styles['actions']}>{actions}</div>}
        </header>
      )}
      {children}
    </section>
  );
}
