import { Checkbox, Switch as Radix } from 'radix-ui';
import { cx } from './cx';
import styles from './Switch.module.css';

interface Named {
  readonly id?: string | undefined;
  readonly 'aria-label'?: string | undefined;
  readonly 'aria-labelledby'?: string | undefined;
  readonly 'aria-describedby'?: string | undefined;
}

interface SwitchProps extends Named {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

/** On or off, at once. */
export function Switch({ checked, onChange, ...named }: SwitchProps) {
  return (
    <Radix.Root className={styles['switch']} checked={checked} onCheckedChange={onChange} {...named}>
      <Radix.Thumb className={styles['thumb']} />
    </Radix.Root>
  );
}

interface GroupSwitchProps extends Named {
  /** `mixed`: some of the members are on. */
  readonly checked: boolean | 'mixed';
  readonly onChange: (checked: boolean) => void;
}

/** A switch for a whole group; a checkbox to assistive technology, because a switch has no third state. */
export function GroupSwitch({ checked, onChange, ...named }: GroupSwitchProps) {
  return (
    <Checkbox.Root
      className={cx(styles['switch'])}
      checked={checked === 'mixed' ? 'indeterminate' : checked}
      onCheckedChange={(next) => onChange(next === true)}
      {...named}
    >
      <span className={styles['thumb']} />
    </Checkbox.Root>
  );
}
