import { Minus, Plus } from 'lucide-react';
import { useState, type KeyboardEvent } from 'react';
import { cx } from './cx';
import { parseNumber, ariaNumber, showNumber, stepBinary, stepLinear, stepLog, type NumberScale } from './number';
import styles from './input.module.css';

/**
 * Numbers in forms. What is not a number in range is not taken, so the value behind a field is always sound; leaving the field shows that value
 * again.
 */

interface NumberFieldProps {
  readonly id?: string | undefined;
  readonly 'aria-label'?: string | undefined;
  readonly 'aria-describedby'?: string | undefined;
  readonly value: number;
  /** Called with numbers inside the range only. */
  readonly onChange: (value: number) => void;
  readonly min: number;
  readonly max: number;
  readonly integer?: boolean;
  /** Linear step; 1 for integers and a hundredth of the range else, if absent. */
  readonly step?: number | undefined;
  readonly scale?: NumberScale;
  readonly unit?: string | undefined;
  /** What 0 means; shown in the place of the unit. */
  readonly zero?: string | undefined;
  /** What is wrong with the typed text, or null; the `Field` around shows it. */
  readonly onProblem?: ((problem: string | null) => void) | undefined;
}

/** From 0, a logarithmic field steps here first. */
const leastStep = 1e-3;

/** A number one can type, step with the arrow keys (Shift: ten at once) or with the buttons. */
export function NumberField({
  value,
  onChange,
  min,
  max,
  integer = false,
  step,
  scale = 'linear',
  unit,
  zero,
  onProblem,
  ...named
}: NumberFieldProps) {
  // The text being typed; null while the field shows the value itself.
  const [draft, setDraft] = useState<string | null>(null);
  const increment = step ?? (integer ? 1 : Number(((max - min) / 100).toPrecision(1)));

  const problemOf = (text: string): string | null => {
    const parsed = parseNumber(text);
    if (parsed === null) return 'Not a number.';
    if (integer && !Number.isInteger(parsed)) return 'A whole number, please.';
    if (parsed < min || parsed > max) return `From ${showNumber(min)} to ${showNumber(max)}.`;
    return null;
  };
  const type = (text: string) => {
    setDraft(text);
    const problem = problemOf(text);
    onProblem?.(problem);
    const parsed = parseNumber(text);
    if (problem === null && parsed !== null) onChange(parsed);
  };
  const leave = () => {
    setDraft(null);
    onProblem?.(null);
  };
  const stepped = (from: number, direction: 1 | -1): number => {
    if (scale === 'log') return stepLog(from, direction, integer ? 1 : min > 0 ? min : leastStep);
    return scale === 'binary' ? stepBinary(from, direction) : stepLinear(from, direction, increment);
  };
  const move = (direction: 1 | -1, times = 1) => {
    let next = value;
    for (let i = 0; i < times; i++) next = stepped(next, direction);
    leave();
    onChange(Math.min(max, Math.max(min, integer ? (direction === 1 ? Math.ceil(next) : Math.floor(next)) : next)));
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      event.preventDefault();
      move(event.key === 'ArrowUp' ? 1 : -1, event.shiftKey ? 10 : 1);
    } else if (event.key === 'Enter' || event.key === 'Escape') {
      leave();
    }
  };

  const shown = draft ?? showNumber(value, scale);
  const meaning = value === 0 && zero !== undefined ? zero : unit;
  const invalid = draft !== null && problemOf(draft) !== null;
  return (
    <div className={cx(styles['box'], invalid && styles['invalid'])}>
      <input
        {...named}
        type="text"
        role="spinbutton"
        inputMode={integer ? 'numeric' : 'decimal'}
        autoComplete="off"
        className={styles['input']}
        value={shown}
        aria-valuenow={ariaNumber(value)}
        aria-valuemin={ariaNumber(min)}
        aria-valuemax={ariaNumber(max)}
        aria-valuetext={meaning === undefined ? shown : `${shown} ${meaning}`}
        aria-invalid={invalid}
        onChange={(event) => type(event.target.value)}
        onFocus={(event) => event.target.select()}
        onBlur={leave}
        onKeyDown={press}
      />
      {meaning !== undefined && <span className={styles['unit']}>{meaning}</span>}
      <span className={styles['steps']} aria-hidden>
        <button type="button" tabIndex={-1} className={styles['step']} onClick={() => move(-1)}>
          <Minus />
        </button>
        <button type="button" tabIndex={-1} className={styles['step']} onClick={() => move(1)}>
          <Plus />
        </button>
      </span>
    </div>
  );
}
