import { Search } from 'lucide-react';
import type { InputHTMLAttributes, ReactNode, Ref } from 'react';
import { cx } from './cx';
import styles from './input.module.css';

interface TextFieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'value'> {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly icon?: ReactNode;
  readonly ref?: Ref<HTMLInputElement>;
}

/** A line of text. Name it with `aria-label`, or put it in a `Field`. */
export function TextField({ value, onChange, icon, className, ...rest }: TextFieldProps) {
  return (
    <div className={cx(styles['box'], rest['aria-invalid'] === true && styles['invalid'], className)}>
      {icon !== undefined && <span className={styles['icon']}>{icon}</span>}
      <input
        type="text"
        className={styles['input']}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        {...rest}
      />
    </div>
  );
}

/** A search box with a magnifying glass; Escape empties it. */
export function SearchField({ onChange, ...rest }: Omit<TextFieldProps, 'icon' | 'type'>) {
  return (
    <TextField
      type="search"
      icon={<Search className={styles['icon']} style={{ margin: 0 }} aria-hidden />}
      onChange={onChange}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onChange('');
      }}
      {...rest}
    />
  );
}
