import { Check } from 'lucide-react';
import { DropdownMenu as Radix } from 'radix-ui';
import type { ReactElement, ReactNode } from 'react';
import { cx } from './cx';
import styles from './Menu.module.css';
import popover from './popover.module.css';

export interface MenuItem {
  /** Needed only where labels may repeat. */
  readonly key?: string;
  readonly label: string;
  readonly icon?: ReactNode;
  readonly hint?: string;
  readonly onSelect: () => void;
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

/** Actions behind a button. */
export function Menu({ trigger, items, align = 'end' }: MenuProps) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          className={cx(popover['surface'], styles['content'])}
          align={align}
          sideOffset={4}
          collisionPadding={8}
        >
          {items.map((item) => (
            <Radix.Item
              key={item.key ?? item.label}
              className={cx(
                popover['item'],
                styles['item'],
                item.danger === true && styles['danger'],
                item.separated === true && styles['separated'],
              )}
              onSelect={item.onSelect}
            >
              {item.icon}
              <span className={styles['words']}>
                {item.label}
                {item.hint !== undefined && <small>{item.hint}</small>}
              </span>
              {item.checked === true && <Check className={styles['check']} aria-label="in use" />}
            </Radix.Item>
          ))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
