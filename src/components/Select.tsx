import { Check, ChevronDown } from 'lucide-react';
import { Select as Radix } from 'radix-ui';
import { cx } from './cx';
import popover from './popover.module.css';
import styles from './Select.module.css';

/** Choices in a list that opens. Only values of the options that are offered are ever given back. */

export interface Option<Value extends string> {
  readonly value: Value;
  readonly label: string;
  /** A second line that explains the choice. */
  readonly hint?: string;
}

interface SelectProps<Value extends string> {
  readonly id?: string | undefined;
  readonly 'aria-label'?: string | undefined;
  readonly 'aria-labelledby'?: string | undefined;
  readonly 'aria-describedby'?: string | undefined;
  readonly value: Value | null;
  readonly onChange: (value: Value) => void;
  readonly options: readonly Option<Value>[];
  readonly placeholder?: string;
  readonly disabled?: boolean;
}

/** One of several, in a list that opens. */
export function Select<Value extends string>({
  value,
  onChange,
  options,
  placeholder = 'Choose…',
  disabled = false,
  ...named
}: SelectProps<Value>) {
  return (
    <Radix.Root
      value={value ?? ''}
      disabled={disabled}
      onValueChange={(next) => {
        const chosen = options.find((option) => option.value === next);
        if (chosen !== undefined) onChange(chosen.value);
      }}
    >
      <Radix.Trigger className={styles['trigger']} {...named}>
        <span className={styles['value']} title={options.find((option) => option.value === value)?.label}>
          <Radix.Value placeholder={placeholder} />
        </span>
        <Radix.Icon className={styles['chevron']}>
          <ChevronDown aria-hidden />
        </Radix.Icon>
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          className={cx(popover['surface'], styles['content'])}
          position="popper"
          sideOffset={4}
          collisionPadding={8}
        >
          <Radix.Viewport>
            {options.map((option) => (
              <Radix.Item key={option.value} value={option.value} className={cx(popover['item'], styles['item'])}>
                <div>
                  <Radix.ItemText>{option.label}</Radix.ItemText>
                  {option.hint !== undefined && <small className={styles['hint']}>{option.hint}</small>}
                </div>
                <Radix.ItemIndicator className={styles['check']}>
                  <Check aria-hidden />
                </Radix.ItemIndicator>
              </Radix.Item>
            ))}
          </Radix.Viewport>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
