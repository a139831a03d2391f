import { Disclosure } from './Disclosure';
import styles from './MachineNotes.module.css';

interface MachineNotesProps {
  /** Limits of the adapter and findings of the self-test, in sentences. */
  readonly notes: readonly string[];
}

/** What engineers may want to know of the machine, out of the way of everybody else. */
export function MachineNotes({ notes }: MachineNotesProps) {
  if (notes.length === 0) return null;
  return (
    <Disclosure label="Details for engineers">
      <ul className={styles['notes']}>
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </Disclosure>
  );
}
