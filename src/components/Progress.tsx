import { Progress as Radix } from 'radix-ui';
import { Button } from './Button';
import { bytes, count, duration, threeDigits } from './format';
import styles from './Progress.module.css';

/** Progress of long work. What is not known, such as the total, the rate or the time left, is null and left out; nothing is made up. */

interface ProgressBarProps {
  readonly label: string;
  /** 0…1; null while unknown. */
  readonly fraction: number | null;
}

/** The bare bar. */
export function ProgressBar({ label, fraction }: ProgressBarProps) {
  return (
    <Radix.Root
      className={styles['bar']}
      aria-label={label}
      value={fraction === null ? null : Math.round(1000 * fraction)}
      max={1000}
    >
      <Radix.Indicator
        className={styles['fill']}
        style={fraction === null ? undefined : { width: `${100 * Math.min(1, fraction)}%` }}
      />
    </Radix.Root>
  );
}

/** Work under way. */
export interface ProgressTask {
  readonly label: string;
  /** What is counted: things, or bytes, which are written as sizes. */
  readonly unit?: 'items' | 'bytes';
  readonly done: number;
  /** Null when unknown. */
  readonly total: number | null;
  /** Units a second; null when unknown. */
  readonly rate: number | null;
  readonly secondsLeft: number | null;
}

interface ProgressProps {
  readonly task: ProgressTask;
  readonly onCancel?: (() => void) | undefined;
}

/** Long work: what is being done, how far, how fast, how long still, and the way out. */
export function Progress({ task, onCancel }: ProgressProps) {
  const { rate, secondsLeft } = task;
  const inBytes = task.unit === 'bytes';
  const format = inBytes ? bytes : count;
  const rateText = rate === null ? null : `${inBytes ? bytes(rate) : threeDigits(rate)}/s`;
  return (
    <div className={styles['progress']}>
      <div className={styles['line']}>
        <span className={styles['label']}>{task.label}</span>
        <span className={styles['numbers']}>
          {task.total !== null ? (
            <span>
              <b>{format(task.done)}</b> of {format(task.total)}
            </span>
          ) : (
            task.done > 0 && (
              <span>
                <b>{format(task.done)}</b>
              </span>
            )
          )}
          {rateText !== null && <span>{rateText}</span>}
          {secondsLeft !== null && (
            <span>
              <b>{duration(secondsLeft)}</b> left
            </span>
          )}
        </span>
        {onCancel !== undefined && (
          <Button size="s" onClick={onCancel}>
            Cancel
          </Button>
        )}
      </div>
      <ProgressBar
        label={task.label}
        fraction={task.total === null || task.total === 0 ? null : task.done / task.total}
      />
    </div>
  );
}
