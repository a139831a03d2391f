import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { Button, IconButton } from './Button';
import { cx } from './cx';
import { useFocusReturn } from './useFocusReturn';
import styles from './Dialog.module.css';

/** Dialogs over the page. Escape and a click outside close them, which decides nothing; the focus goes back to where it was. */

interface DialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly description?: ReactNode;
  readonly children?: ReactNode;
  /** Buttons, the one that goes ahead last. */
  readonly footer?: ReactNode;
  readonly wide?: boolean;
  /** Takes most of the page. */
  readonly size?: 'large';
}

/** A question or a form over the page. */
export function Dialog({ open, onClose, title, description, children, footer, wide = false, size }: DialogProps) {
  const returnFocus = useFocusReturn(open);
  return (
    <Radix.Root
      open={open}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
    >
      <Radix.Portal>
        <Radix.Overlay className={styles['overlay']} />
        <Radix.Content
          className={cx(styles['content'], wide && styles['wide'], size !== undefined && styles[size])}
          onOpenAutoFocus={focusContent}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            returnFocus();
          }}
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
        >
          <header className={styles['header']}>
            <Radix.Title className={styles['title']}>{title}</Radix.Title>
            <IconButton label="Close" size="s" icon={<X />} onClick={onClose} />
          </header>
          {description !== undefined && (
            <Radix.Description asChild>
              <div className={styles['description']}>{description}</div>
            </Radix.Description>
          )}
          {children !== undefined && <div className={styles['body']}>{children}</div>}
          {footer !== undefined && <footer className={styles['footer']}>{footer}</footer>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** The dialog itself is focused, and so read out, unless a field in it has asked for the focus. Radix would take the Close button. */
function focusContent(event: Event): void {
  event.preventDefault();
  const content = event.currentTarget;
  if (content instanceof HTMLElement && !content.contains(document.activeElement)) content.focus();
}

interface ConfirmProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly children: ReactNode;
  /** The verb, e.g. `Delete dataset`. */
  readonly confirm: string;
  readonly danger?: boolean;
  readonly onConfirm: () => void;
}

/** A yes-or-no question before something that cannot be undone. */
export function ConfirmDialog({ open, onClose, title, children, confirm, danger = false, onConfirm }: ConfirmProps) {
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={title}
      description={children}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant={danger ? 'danger' : 'primary'}
            onClick={() => {
              onClose();
              onConfirm();
            }}
          >
            {confirm}
          </Button>
        </>
      }
    />
  );
}
