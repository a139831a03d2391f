import { useState, type SyntheticEvent } from 'react';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { TextField } from '../../components/TextField';
import { useDataStore } from '../../stores/data';
import styles from './RenameDialog.module.css';

interface RenameDialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly name: string;
}

/** A new name for the dataset in use. */
export function RenameDialog({ open, onClose, name }: RenameDialogProps) {
  return (
    <Dialog open={open} onClose={onClose} title="Rename the dataset">
      <RenameForm name={name} onClose={onClose} />
    </Dialog>
  );
}

/** Lives as long as the dialog is open, so that every opening starts from the stored name. */
function RenameForm({ name, onClose }: Omit<RenameDialogProps, 'open'>) {
  const [draft, setDraft] = useState(name);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (draft.trim() === '') return;
    onClose();
    void useDataStore.getState().renameDataset(draft.trim());
  };
  return (
    <form onSubmit={submit}>
      <TextField autoFocus aria-label="Name" value={draft} onChange={setDraft} maxLength={100} />
      <div className={styles['buttons']}>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          variant="primary"
          type="submit"
          disabledReason={draft.trim() === '' ? 'The name must not be empty.' : null}
        >
          Rename
        </Button>
      </div>
    </form>
  );
}
