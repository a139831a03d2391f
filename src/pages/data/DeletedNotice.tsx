import { Undo2 } from 'lucide-react';
import { Button } from '../../components/Button';
import { focusMain } from '../../components/focusMain';
import { Notice } from '../../components/Notice';
import { datasetOf } from '../../dataset/records';
import { useDeleted } from './deleted';
import styles from './DeletedNotice.module.css';

/** The notice is gone, and with it the button that had the focus. */
function focusBehind(): void {
  if (useDeleted.getState().deleted === null) focusMain();
}

/** Says which picture of a dataset was deleted last, and puts it back: in sight, wherever the pictures are scrolled to. */
export function DeletedNotice({ datasetId }: { readonly datasetId: string }) {
  const { deleted, problem, undo, dismiss } = useDeleted();
  if (deleted === null || datasetOf(deleted.kept.imageId) !== datasetId) return null;
  return (
    <div className={styles['place']}>
      <Notice
        tone={problem === null ? 'info' : 'error'}
        title={`“${deleted.name}” is deleted.`}
        actions={
          <Button size="s" icon={<Undo2 aria-hidden />} onClick={() => void undo().then(focusBehind)}>
            Undo
          </Button>
        }
        onDismiss={() => {
          dismiss();
          focusBehind();
        }}
      >
        {problem ?? 'It can be put back until another picture is deleted or this page is closed.'}
      </Notice>
    </div>
  );
}
