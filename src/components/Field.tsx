import { CircleHelp, RotateCcw } from 'lucide-react';
import { useId, type ReactNode } from 'react';
import { IconButton } from './Button';
import { cx } from './cx';
import { Tooltip } from './Tooltip';
import styles from './Field.module.css';

/** What a control inside a `Field` must carry so that it is named and described. */
export interface ControlIds {
  readonly id: string;
  readonly labelId: string;
  readonly describedBy: string | undefined;
  readonly invalid: boolean;
}

interface FieldProps {
  readonly label: string;
  readonly help?: string | undefined;
  readonly error?: string | null | undefined;
  /** Marks the field as differing from its default and offers the way back. */
  readonly onReset?: (() => void) | undefined;
  /** In words, e.g. `0.05`; read out by the reset button. */
  readonly resetTo?: string | undefined;
  /** Label left and control right on one line, for switches. */
  readonly inline?: boolean;
  readonly children: (ids: ControlIds) => ReactNode;
}

/** Label, help, error and reset around one control. */
export function Field({ label, help, error = null, onReset, resetTo, inline = false, children }: FieldProps) {
  const id = useId();
  const labelId = `${id}-label`;
  const helpId = `${id}-help`;
  const errorId = `${id}-error`;
  const described = [help !== undefined && helpId, error !== null && errorId].filter(Boolean).join(' ');
  return (
    <div className={cx(styles['field'], inline && styles['inline'], onReset !== undefined && styles['changed'])}>
      <div className={styles['head']}>
        <label id={labelId} htmlFor={id} className={styles['label']}>
          {label}
        </label>
        {help !== undefined && (
          <>
            <Tooltip text={help}>
              <button
                type="button"
                className={styles['help']}
                aria-label="Help"
                aria-describedby={`${labelId} ${helpId}`}
              >
                <CircleHelp aria-hidden />
              </button>
            </Tooltip>
            <span id={helpId} hidden>
              {help}
            </span>
          </>
        )}
        {onReset !== undefined && (
          <IconButton
            className={styles['reset']}
            size="s"
            label={resetTo === undefined ? 'Reset' : `Reset to ${resetTo}`}
            aria-describedby={labelId}
            icon={<RotateCcw />}
            onClick={onReset}
          />
        )}
      </div>
      <div className={styles['control']}>
        {children({ id, labelId, describedBy: described === '' ? undefined : described, invalid: error !== null })}
      </div>
      {error !== null && (
        <p id={errorId} className={styles['error']} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
