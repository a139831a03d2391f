import { useId } from 'react';
import { Segmented } from '../../components/Segmented';
import { formatDescriptions, type FormatId } from '../../export/formats';
import type { FormatDescription } from '../../export/formats/description';
import { offeredOptions } from '../../export/options';
import styles from './ExportPage.module.css';

/** Which format, and how. Formats and their options come from their descriptions, so that a new one needs nothing here. */

interface FormatSelectProps {
  readonly value: string;
  readonly onChange: (id: FormatId) => void;
}

/** Which format the model is exported in. */
export function FormatSelect({ value, onChange }: FormatSelectProps) {
  const options = formatDescriptions.map(({ id, label }) => ({ value: id, label }));
  const chosen = options.find((option) => option.value === value)?.value ?? formatDescriptions[0].id;
  return <Labelled label="Format" value={chosen} options={options} onChange={onChange} />;
}

interface FormatOptionsProps {
  readonly format: FormatDescription;
  readonly values: Readonly<Record<string, unknown>>;
  /** The base model as it is, rather than what a run made of it. */
  readonly isBase: boolean;
  readonly onChange: (key: string, value: string) => void;
}

/** The options of one format, as its schema has them. */
export function FormatOptions({ format, values, isBase, onChange }: FormatOptionsProps) {
  return offeredOptions(format.options).map(({ key, label, values: offered, hints }) => {
    const value = String(values[key]);
    const [ofTuned, ofBase = ofTuned] = hints[value] ?? [];
    return (
      <Labelled
        key={key}
        label={label}
        value={value}
        options={offered.map((each) => ({ value: each, label: each }))}
        hint={isBase ? ofBase : ofTuned}
        onChange={(chosen) => onChange(key, chosen)}
      />
    );
  });
}

interface LabelledProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly { readonly value: Value; readonly label: string }[];
  readonly hint?: string | undefined;
  readonly onChange: (value: Value) => void;
}

/** A choice behind its name, and before what it means. */
function Labelled<Value extends string>({ label, value, options, hint, onChange }: LabelledProps<Value>) {
  const id = useId();
  return (
    <>
      <div className={styles['choice']}>
        <span id={id}>{label}</span>
        <Segmented label={label} value={value} options={options} onChange={onChange} />
      </div>
      {hint !== undefined && <small>{hint}</small>}
    </>
  );
}
