import { Check, SlidersHorizontal } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { IconButton } from '../Button';
import { cx } from '../cx';
import popover from '../popover.module.css';
import styles from './ChartMenu.module.css';

interface ChartMenuProps<Id extends string> {
  readonly charts: readonly { readonly id: Id; readonly title: string }[];
  readonly shown: readonly Id[];
  readonly onToggle: (id: Id) => void;
}

/** Which charts are shown. The menu stays open while one chooses. */
export function ChartMenu<Id extends string>({ charts, shown, onToggle }: ChartMenuProps<Id>) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>
        <IconButton variant="secondary" label="Choose charts" icon={<SlidersHorizontal />} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          className={cx(popover['surface'], styles['menu'])}
          align="start"
          sideOffset={4}
          collisionPadding={8}
        >
          {charts.map(({ id, title }) => (
            <DropdownMenu.CheckboxItem
              key={id}
              className={cx(popover['item'], styles['item'])}
              checked={shown.includes(id)}
              onCheckedChange={() => onToggle(id)}
              onSelect={(event) => event.preventDefault()}
            >
              <span className={styles['box']}>
                <DropdownMenu.ItemIndicator className={styles['check']}>
                  <Check aria-hidden />
                </DropdownMenu.ItemIndicator>
              </span>
              {title}
            </DropdownMenu.CheckboxItem>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
