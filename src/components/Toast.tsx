import { CircleAlert, CircleCheck, Info, TriangleAlert, X } from 'lucide-react';
import { Toast as Radix } from 'radix-ui';
import { useCallback, useState, type ReactNode } from 'react';
import { cx } from './cx';
import { ToastContext, type ToastMessage } from './toastContext';
import styles from './Toast.module.css';
import tones from './tone.module.css';

const icons = { info: Info, ok: CircleCheck, warn: TriangleAlert, error: CircleAlert };

/** Needed once around the application; `useToast` shows messages in it. */
export function ToastProvider({ children }: { readonly children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly (ToastMessage & { readonly id: number })[]>([]);
  const show = useCallback((message: ToastMessage) => {
    setToasts((shown) => [...shown, { ...message, id: (shown.at(-1)?.id ?? 0) + 1 }].slice(-3));
  }, []);
  return (
    <ToastContext value={show}>
      <Radix.Provider duration={5000} swipeDirection="right">
        {children}
        {toasts.map(({ id, text, tone = 'ok' }) => {
          const Icon = icons[tone];
          return (
            <Radix.Root
              key={id}
              className={cx(styles['toast'], tones[tone])}
              type={tone === 'error' ? 'foreground' : 'background'}
              onOpenChange={(open) => {
                if (!open) setToasts((shown) => shown.filter((toast) => toast.id !== id));
              }}
            >
              <Icon className={tones['icon']} aria-hidden />
              <Radix.Description className={styles['text']}>{text}</Radix.Description>
              <Radix.Close className={styles['close']} aria-label="Dismiss">
                <X aria-hidden />
              </Radix.Close>
            </Radix.Root>
          );
        })}
        <Radix.Viewport className={styles['viewport']} />
      </Radix.Provider>
    </ToastContext>
  );
}
