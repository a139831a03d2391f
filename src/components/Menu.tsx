import { Check } from 'lucide-react';
import { DropdownMenu as Radix } from 'radix-ui';
import { useRef, type ReactElement, type ReactNode } from 'react';
import { cx } from './cx';
import styles from './Menu.module.css';
import popover from './popover.module.css';

/**
 * Actions behind a button. A chosen action begins once the menu is gone and its button has the focus: a dialog that it opens would otherwise lose
 * the focus to the closing menu, and could not give it back to an item that is no more.
 */
export function Menu({ trigger, items, align = 'end' }: MenuProps) {
  const button = useRef<HTMLButtonElement>(null);
  const chosen = useRef<(() => void) | null>(null);
  const closed = (event: Event): void => {
    const act = chosen.current;
    if (act === null) return;
    chosen.current = null;
    event.preventDefault();
    button.current?.focus();
    act();
  };
  return (
    <Radix.Root>
      <Radix.Trigger ref={button} asChild>
        {trigger}
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          className={cx(popover['surface'], styles['content'])}
          align={align}
          sideOffset={4}
          collisionPadding={8}
          onCloseAutoFocus={closed}
        >
          {items.map(({ disabledReason = null, ...item }) => (
            <Radix.Item
              key={item.key ?? item.label}
              aria-disabled={disabledReason !== null || undefined}
              className={cx(
                popover['item'],
                styles['item'],
                item.danger === true && styles['danger'],
                item.separated === true && styles['separated'],
                disabledReason !== null && styles['disabled'],
              )}
              onSelect={(event) => {
                if (disabledReason === null) chosen.current = item.onSelect;
                else event.preventDefault();
              }}
            >
              {item.icon}
              <span className={styles['words']}>
                {item.label}
                {(disabledReason ?? item.hint) !== undefined && <small>{disabledReason ?? item.hint}</small>}
              </span>
              {item.checked === true && <Check className={styles['check']} aria-label="in use" />}
            </Radix.Item>
          ))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export interface MenuItem {
  /** Needed only where labels may repeat. */
  readonly key?: string;
  readonly label: string;
  readonly icon?: ReactNode;
  readonly hint?: string;
  readonly onSelect: () => void;
  /** Why it cannot be chosen now, shown in place of the hint; null or absent when it can. It stays focusable so that the reason is read out. */
  readonly disabledReason?: string | null;
  readonly danger?: boolean;
  /** The one in use, in a menu to choose from. */
  readonly checked?: boolean;
  /** A line above it. */
  readonly separated?: boolean;
}

interface MenuProps {
  /** The button that opens it. */
  readonly trigger: ReactElement;
  readonly items: readonly MenuItem[];
  readonly align?: 'start' | 'end';
}
