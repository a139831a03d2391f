import { useState, type SyntheticEvent } from 'react';
import { Button } from './Button';
import { Dialog } from './Dialog';
import { TextField } from './TextField';
import styles from './RenameDialog.module.css';

interface RenameDialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  /** What is renamed, with its article: `the run`. */
  readonly what: string;
  readonly name: string;
  readonly maxLength: number;
  /** With the new name, trimmed; not called where it is the old one. */
  readonly onRename: (name: string) => void;
}

/** A new name for something. */
export function RenameDialog({ open, onClose, what, ...form }: RenameDialogProps) {
  return (
    <Dialog open={open} onClose={onClose} title={`Rename ${what}`}>
      <RenameForm onClose={onClose} {...form} />
    </Dialog>
  );
}

/** Lives as long as the dialog is open, so that every opening starts from the stored name. */
function RenameForm({ onClose, name, maxLength, onRename }: Omit<RenameDialogProps, 'open' | 'what'>) {
  const [draft, setDraft] = useState(name);
  const trimmed = draft.trim();
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (trimmed === '') return;
    onClose();
    if (trimmed !== name) onRename(trimmed);
  };
  return (
    <form onSubmit={submit}>
      <TextField autoFocus aria-label="Name" value={draft} onChange={setDraft} maxLength={maxLength} />
      <div className={styles['buttons']}>
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="primary" type="submit" disabledReason={trimmed === '' ? 'The name must not be empty.' : null}>
          Rename
        </Button>
      </div>
    </form>
  );
}
