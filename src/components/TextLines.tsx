import type { TextareaHTMLAttributes } from 'react';
import { cx } from './cx';
import styles from './input.module.css';

interface TextLinesProps extends Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'onChange' | 'value'> {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** A text of a few lines, as tall as it needs to be. Name it with `aria-label`, or put it in a `Field`. */
export function TextLines({ value, onChange, className, ...rest }: TextLinesProps) {
  return (
    <div className={cx(styles['box'], rest['aria-invalid'] === true && styles['invalid'], className)}>
      <textarea
        className={cx(styles['input'], styles['lines'])}
        rows={Math.min(6, Math.max(1, value.split('\n').length))}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        {...rest}
      />
    </div>
  );
}
