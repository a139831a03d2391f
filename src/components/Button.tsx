import { useId, type ButtonHTMLAttributes, type MouseEvent, type ReactNode, type Ref } from 'react';
import { cx } from './cx';
import { Tooltip } from './Tooltip';
import styles from './Button.module.css';

/** Buttons. They are never just grey: a disabled one says why, in a tooltip and to screen readers. */

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'disabled'> {
  readonly variant?: 'primary' | 'secondary' | 'quiet' | 'danger';
  readonly size?: 'm' | 's';
  /** An icon before the label. */
  readonly icon?: ReactNode;
  /**
   * Why the button cannot be pressed now; null or absent when it can. The button stays focusable so that the reason is read out and shown.
   */
  readonly disabledReason?: string | null | undefined;
  readonly ref?: Ref<HTMLButtonElement>;
}

/** A button with a label. */
export function Button({
  variant = 'secondary',
  size = 'm',
  icon,
  disabledReason = null,
  className,
  children,
  onClick,
  type = 'button',
  ...rest
}: ButtonProps) {
  const reasonId = useId();
  const disabled = disabledReason !== null && disabledReason !== '';
  const click = (event: MouseEvent<HTMLButtonElement>) => {
    if (disabled) event.preventDefault();
    else onClick?.(event);
  };
  const button = (
    <button
      type={type}
      className={cx(
        styles['button'],
        styles[variant],
        size === 's' && styles['small'],
        children === undefined && styles['iconOnly'],
        className,
      )}
      aria-disabled={disabled || undefined}
      onClick={click}
      {...rest}
      {...(disabled ? { 'aria-describedby': reasonId } : {})}
    >
      {icon}
      {children}
      {disabled && (
        <span id={reasonId} hidden>
          {disabledReason}
        </span>
      )}
    </button>
  );
  return disabled ? <Tooltip text={disabledReason}>{button}</Tooltip> : button;
}

interface IconButtonProps extends Omit<ButtonProps, 'children' | 'icon'> {
  /** The accessible name, also shown as a tooltip. */
  readonly label: string;
  readonly icon: ReactNode;
}

/** A button that is only an icon. */
export function IconButton({ label, variant = 'quiet', disabledReason = null, ...rest }: IconButtonProps) {
  const button = <Button variant={variant} aria-label={label} disabledReason={disabledReason} {...rest} />;
  return disabledReason === null ? <Tooltip text={label}>{button}</Tooltip> : button;
}
