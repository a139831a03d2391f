import { FileUp, FolderUp, ImagePlus } from 'lucide-react';
import { useRef, type ReactNode } from 'react';
import { Button } from './Button';
import { useFileDrop } from './useFileDrop';
import { cx } from './cx';
import { Emblem } from './Emblem';
import styles from './FileDrop.module.css';

/**
 * Ways to hand over files and folders: a place to drop them, buttons, and the bare input. They check nothing, since whoever gets the files does.
 * The same files can be chosen twice in a row.
 */

interface FileDropProps {
  readonly title: string;
  readonly children?: ReactNode;
  /** Must read the items before it waits for anything. */
  readonly onDrop: (items: DataTransferItemList) => void;
  readonly onChoose: (files: FileList) => void;
  readonly icon?: ReactNode;
  readonly disabledReason?: string | null;
}

/** A place to drop files and folders on, with buttons for those who would rather choose. */
export function FileDrop({ title, children, onDrop, onChoose, icon, disabledReason = null }: FileDropProps) {
  const { over, handlers } = useFileDrop(onDrop);
  const active = disabledReason === null;
  return (
    <div className={cx(styles['zone'], over && active && styles['over'])} {...(active ? handlers : {})}>
      <Emblem>{icon ?? <ImagePlus aria-hidden />}</Emblem>
      <h2 className={styles['title']}>{title}</h2>
      {children !== undefined && <div className={styles['text']}>{children}</div>}
      <div className={styles['buttons']}>
        <FileButton kind="files" onChoose={onChoose} disabledReason={disabledReason} />
        <FileButton kind="folder" onChoose={onChoose} disabledReason={disabledReason} />
      </div>
    </div>
  );
}

interface FileButtonProps {
  readonly kind: 'files' | 'folder';
  readonly onChoose: (files: FileList) => void;
  readonly disabledReason?: string | null;
}

/** "Choose files" or "Choose a folder". */
function FileButton({ kind, onChoose, disabledReason = null }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button
        icon={kind === 'files' ? <FileUp aria-hidden /> : <FolderUp aria-hidden />}
        disabledReason={disabledReason}
        onClick={() => input.current?.click()}
      >
        {kind === 'files' ? 'Choose files' : 'Choose a folder'}
      </Button>
      <FileInput kind={kind} onChoose={onChoose} ref={input} />
    </>
  );
}

interface FileInputProps {
  readonly kind: 'files' | 'folder';
  readonly onChoose: (files: FileList) => void;
  readonly ref: React.Ref<HTMLInputElement>;
}

/** The invisible input that a button or a menu item clicks. */
export function FileInput({ kind, onChoose, ref }: FileInputProps) {
  return (
    <input
      ref={ref}
      type="file"
      hidden
      multiple
      data-kind={kind}
      {...(kind === 'folder' ? { webkitdirectory: '' } : {})}
      onChange={(event) => {
        const { files } = event.target;
        if (files !== null && files.length > 0) onChoose(files);
        // The same choice again must count as a change.
        event.target.value = '';
      }}
    />
  );
}
