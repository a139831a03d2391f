import { useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import { cx } from '../../components/cx';
import styles from './CaptionEditor.module.css';

/** Captions, and other texts of a picture, that are edited where they stand. What is saved has no empty lines and no spaces around it; what is unchanged is not saved. */

interface CaptionEditorProps {
  /** What a text is called. */
  readonly noun?: string;
  /** Shown in place of a missing caption. */
  readonly invitation?: string;
  readonly captions: readonly string[];
  /** -1 where the Tab key passes it by, since it is reached in another way. */
  readonly tabIndex?: 0 | -1;
  readonly onSave: (captions: readonly string[]) => void;
}

/** A caption that turns into a text field. Enter or leaving saves, Escape takes back; with Shift+Enter a further caption begins. */
export function CaptionEditor({
  noun = 'caption',
  captions,
  onSave,
  invitation = 'Write a caption',
  tabIndex = 0,
}: CaptionEditorProps) {
  // The text being edited, one caption a line; null while it is only shown.
  const [draft, setDraft] = useState<string | null>(null);
  const trigger = useRef<HTMLButtonElement>(null);
  const returning = useRef(false);
  useLayoutEffect(() => {
    if (draft !== null || !returning.current) return;
    returning.current = false;
    trigger.current?.focus();
  }, [draft]);

  const save = (text: string) => {
    setDraft(null);
    const next = text
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean);
    if (next.join('\n') !== captions.join('\n')) onSave(next);
  };
  const press = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      returning.current = true;
      save(event.currentTarget.value);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      returning.current = true;
      setDraft(null);
    }
  };

  if (draft !== null) {
    return (
      <div className={styles['slot']}>
        <textarea
          className={styles['input']}
          aria-label={`${noun.charAt(0).toUpperCase()}${noun.slice(1)}`}
          aria-description={`Enter saves, Escape takes back, Shift and Enter begins a further ${noun}`}
          autoFocus
          rows={Math.min(6, Math.max(2, draft.split('\n').length))}
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
          onFocus={(event) => event.target.select()}
          onBlur={(event) => save(event.target.value)}
          onKeyDown={press}
        />
      </div>
    );
  }
  const [first] = captions;
  return (
    <button
      ref={trigger}
      type="button"
      tabIndex={tabIndex}
      className={cx(styles['shown'], first === undefined && styles['missing'])}
      title={captions.join('\n')}
      aria-label={first === undefined ? invitation : `Edit ${noun}: ${first}`}
      onClick={() => setDraft(captions.join('\n'))}
    >
      <span className={styles['text']}>{first ?? invitation}</span>
      {captions.length > 1 && <small>+{captions.length - 1}</small>}
    </button>
  );
}
