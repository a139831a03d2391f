import { X } from 'lucide-react';
import { useId, useState } from 'react';
import { IconButton } from '../../components/Button';
import { parseNumber } from '../../components/number';
import { NumberField } from '../../components/NumberField';
import { Select } from '../../components/Select';
import { TextField } from '../../components/TextField';
import { controlOf } from '../../recipe/control';
import { infoOf, optionLabel, showValue } from '../../recipe/describe';
import type { RecipeKey } from '../../recipe/fields';
import type { Recipe } from '../../recipe/schema';
import { rangeProblem } from '../../sweeps/fields';
import type { Range, SweptField, Value } from '../../sweeps/types';
import styles from './RangeEditor.module.css';

interface RangeEditorProps {
  readonly field: SweptField;
  readonly recipe: Recipe;
  readonly onChange: (range: Range) => void;
  readonly onRemove: () => void;
}

/** One field that is varied, with what it may be. */
export function RangeEditor({ field, recipe, onChange, onRemove }: RangeEditorProps) {
  const titleId = useId();
  const { key, range } = field;
  const { label } = infoOf(key, recipe);
  const control = controlOf(key, recipe);
  const problem = rangeProblem(field, recipe);
  return (
    <li className={styles['field']} aria-labelledby={titleId}>
      <div className={styles['name']}>
        <b id={titleId}>{label}</b>
        <small>now {showValue(key, recipe)}</small>
      </div>
      <div className={styles['range']}>
        {control.kind === 'switch' ? (
          <p className={styles['plain']}>on and off</p>
        ) : control.kind === 'choice' ? (
          <Options
            label={label}
            field={key}
            options={control.options.map(({ value }) => value)}
            chosen={range.kind === 'choice' ? range.values : []}
            onChange={(values) => onChange({ kind: 'choice', values })}
          />
        ) : (
          <Numbers label={label} field={key} recipe={recipe} range={range} onChange={onChange} />
        )}
        {problem !== null && (
          <p className={styles['problem']} role="alert">
            {problem}
          </p>
        )}
      </div>
      <IconButton size="s" label={`Do not vary ${label}`} icon={<X />} onClick={onRemove} />
    </li>
  );
}

interface OptionsProps {
  readonly label: string;
  readonly field: RecipeKey;
  readonly options: readonly string[];
  readonly chosen: readonly Value[];
  readonly onChange: (values: string[]) => void;
}

/** Some of several choices. */
function Options({ label, field, options, chosen, onChange }: OptionsProps) {
  return (
    <div role="group" aria-label={label} className={styles['options']}>
      {options.map((option) => (
        <label key={option}>
          <input
            type="checkbox"
            checked={chosen.includes(option)}
            onChange={({ target }) =>
              onChange(options.filter((each) => (each === option ? target.checked : chosen.includes(each))))
            }
          />
          {optionLabel(field, option)}
        </label>
      ))}
    </div>
  );
}

const kinds = [
  { value: 'log', label: 'Between, logarithmic' },
  { value: 'linear', label: 'Between, even' },
  { value: 'choice', label: 'One of a list' },
] as const;

interface NumbersProps {
  readonly label: string;
  readonly field: RecipeKey;
  readonly recipe: Recipe;
  readonly range: Range;
  readonly onChange: (range: Range) => void;
}

function Numbers({ label, field, recipe, range, onChange }: NumbersProps) {
  const control = controlOf(field, recipe);
  if (control.kind !== 'number' && control.kind !== 'share') return null;
  const whole = control.kind === 'number' && control.integer;
  const [low, high] = boundsOf(range);
  const kind = range.kind === 'choice' ? 'choice' : range.scale;
  const change = (next: (typeof kinds)[number]['value']): void => {
    if (next === 'choice') onChange({ kind: 'choice', values: [...new Set([low, high])] });
    else onChange({ kind: 'between', min: low, max: high, scale: next, whole });
  };
  const bounds = {
    min: control.min,
    max: control.max,
    integer: whole,
    ...(control.kind === 'number' ? { scale: control.scale } : { step: 0.01 }),
  };
  return (
    <div className={styles['numbers']}>
      <div className={styles['kind']}>
        <Select aria-label={`How ${label} varies`} value={kind} options={kinds} onChange={change} />
      </div>
      {range.kind === 'choice' ? (
        <ListField label={label} values={range.values} onChange={(values) => onChange({ kind: 'choice', values })} />
      ) : (
        <>
          <NumberField
            aria-label={`${label} from`}
            {...bounds}
            value={range.min}
            onChange={(min) => onChange({ ...range, min })}
          />
          <span className={styles['plain']}>to</span>
          <NumberField
            aria-label={`${label} to`}
            {...bounds}
            value={range.max}
            onChange={(max) => onChange({ ...range, max })}
          />
        </>
      )}
    </div>
  );
}

function boundsOf(range: Range): readonly [low: number, high: number] {
  if (range.kind === 'between') return [range.min, range.max];
  const numbers = range.values.map(Number);
  return [Math.min(...numbers), Math.max(...numbers)];
}

interface ListFieldProps {
  readonly label: string;
  readonly values: readonly Value[];
  readonly onChange: (values: number[]) => void;
}

/** Numbers with commas between them; what is none keeps the list as it was. */
function ListField({ label, values, onChange }: ListFieldProps) {
  const [draft, setDraft] = useState<string | null>(null);
  const read = (text: string): readonly (number | null)[] =>
    text
      .split(/[,;]/u)
      .filter((part) => part.trim() !== '')
      .map(parseNumber);
  const unread = draft !== null && read(draft).includes(null);
  const type = (text: string): void => {
    setDraft(text);
    const numbers = read(text).filter((number) => number !== null);
    if (numbers.length > 0 && numbers.length === read(text).length) onChange(numbers);
  };
  return (
    <div className={styles['list']}>
      <TextField
        aria-label={`Values of ${label}`}
        aria-invalid={unread}
        placeholder="8, 16, 32"
        value={draft ?? values.map(String).join(', ')}
        onChange={type}
        onBlur={() => setDraft(null)}
      />
      {unread && (
        <p className={styles['problem']} role="alert">
          Numbers, please, with commas between them.
        </p>
      )}
    </div>
  );
}
