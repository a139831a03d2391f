import { CircleAlert, CircleCheck, Info, TriangleAlert, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from './Button';
import { cx } from './cx';
import styles from './Notice.module.css';
import tones from './tone.module.css';

export type NoticeTone = 'info' | 'ok' | 'warn' | 'error';

interface NoticeProps {
  readonly tone?: NoticeTone;
  readonly title?: ReactNode;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
  readonly onDismiss?: (() => void) | undefined;
}

const icons = { info: Info, ok: CircleCheck, warn: TriangleAlert, error: CircleAlert };

/** A message that stays on the page. Errors interrupt screen readers, the rest waits its turn. */
export function Notice({ tone = 'info', title, children, actions, onDismiss }: NoticeProps) {
  const Icon = icons[tone];
  return (
    <div className={cx(styles['notice'], tones[tone])} role={tone === 'error' ? 'alert' : 'status'}>
      <Icon className={tones['icon']} aria-hidden />
      <div className={styles['body']}>
        {title !== undefined && <p className={styles['title']}>{title}</p>}
        {children !== undefined && <div className={styles['text']}>{children}</div>}
        {actions !== undefined && <div className={styles['actions']}>{actions}</div>}
      </div>
      {onDismiss !== undefined && <IconButton label="Dismiss" size="s" icon={<X />} onClick={onDismiss} />}
    </div>
  );
}
