import { ChevronRight } from 'lucide-react';
import { Collapsible } from 'radix-ui';
import type { ReactNode } from 'react';
import styles from './Disclosure.module.css';

interface DisclosureProps {
  readonly label: ReactNode;
  readonly defaultOpen?: boolean;
  readonly children: ReactNode;
}

/** More, behind a line that opens. */
export function Disclosure({ label, defaultOpen = false, children }: DisclosureProps) {
  return (
    <Collapsible.Root defaultOpen={defaultOpen}>
      <Collapsible.Trigger className={styles['trigger']}>
        <ChevronRight className={styles['chevron']} aria-hidden />
        {label}
      </Collapsible.Trigger>
      <Collapsible.Content>{children}</Collapsible.Content>
    </Collapsible.Root>
  );
}
