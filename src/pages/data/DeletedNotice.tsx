import { Undo2 } from 'lucide-react';
import { Button } from '../../components/Button';
import { Notice } from '../../components/Notice';
import { datasetOf } from '../../dataset/records';
import { useDeleted } from './deleted';

/** Says which picture of a dataset was deleted last, and puts it back. */
export function DeletedNotice({ datasetId }: { readonly datasetId: string }) {
  const { deleted, problem, undo, dismiss } = useDeleted();
  if (deleted === null || datasetOf(deleted.kept.imageId) !== datasetId) return null;
  return (
    <Notice
      tone={problem === null ? 'info' : 'error'}
      title={`“${deleted.name}” is deleted.`}
      actions={
        <Button size="s" icon={<Undo2 aria-hidden />} onClick={() => void undo()}>
          Undo
        </Button>
      }
      onDismiss={dismiss}
    >
      {problem ?? 'It can be put back until another picture is deleted or this page is closed.'}
    </Notice>
  );
}
