import { useState } from 'react';
import { TextField } from '../../components/TextField';
import styles from './RunTable.module.css';

interface EditableCellProps {
  /** What it is, for those who do not see the column: `Tags of amber-otter`. */
  readonly label: string;
  readonly value: string;
  readonly maxLength: number;
  /** Stands where there is no text yet. */
  readonly add: string;
  /** Why it cannot be changed now; null where it can. */
  readonly disabledReason: string | null;
  readonly onSave: (value: string) => void;
}

/** A text that is edited where it stands: Enter and leaving keep it, Escape leaves it as it was. */
export function EditableCell({ label, value, maxLength, add, disabledReason, onSave }: EditableCellProps) {
  const [draft, setDraft] = useState<string | null>(null);
  if (disabledReason !== null) {
    return <span title={disabledReason}>{value}</span>;
  }
  if (draft === null) {
    return (
      <button
        type="button"
        className={styles['edit']}
        aria-label={`${label}: ${value || 'none'}. Change`}
        onClick={() => setDraft(value)}
      >
        {value === '' ? <span className={styles['add']}>{add}</span> : value}
      </button>
    );
  }
  const end = (text: string): void => {
    setDraft(null);
    if (text !== value) onSave(text);
  };
  return (
    <TextField
      aria-label={label}
      value={draft}
      maxLength={maxLength}
      autoFocus
      onChange={setDraft}
      onBlur={() => end(draft)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') end(draft);
        else if (event.key === 'Escape') end(value);
      }}
    />
  );
}
