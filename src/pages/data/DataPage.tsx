import { useState } from 'react';
import { FilePlus2 } from 'lucide-react';
import { nameOfPick, type PickedFile } from '../../components/pickFiles';
import { Button } from '../../components/Button';
import { cx } from '../../components/cx';
import { Dialog } from '../../components/Dialog';
import { plural } from '../../components/format';
import { Notice } from '../../components/Notice';
import { Progress } from '../../components/Progress';
import { useFileDrop } from '../../components/useFileDrop';
import { useProjectStore } from '../../stores/project';
import { DataHeader } from './DataHeader';
import { FirstVisit } from './FirstVisit';
import { Gallery } from './Gallery';
import { ImportReport } from './ImportReport';
import styles from './DataPage.module.css';

/** Pictures and captions: bring them in, look at them, mend them. */
export default function DataPage() {
  const loaded = useProjectStore((state) => state.loaded);
  const dataset = useProjectStore((state) => state.dataset);
  const importing = useProjectStore((state) => state.importing);
  const report = useProjectStore((state) => state.report);
  const problem = useProjectStore((state) => state.dataProblem);
  const { importFiles, dismissReport, dismissDataProblem } = useProjectStore.getState();
  // Files that wait for the answer whether they belong to the dataset in use.
  const [picked, setPicked] = useState<readonly PickedFile[] | null>(null);
  const [dropProblem, setDropProblem] = useState<string | null>(null);

  const take = (files: readonly PickedFile[]) => {
    setDropProblem(null);
    if (dataset === null) void importFiles(files, { name: nameOfPick(files, 'My pictures') });
    else setPicked(files);
  };
  const { over, handlers } = useFileDrop(take, setDropProblem);
  const shownProblem = dropProblem ?? problem;

  return (
    <div className={cx(styles['page'], over && dataset !== null && styles['over'])} {...handlers}>
      {dataset !== null && <DataHeader key={`header ${dataset.id}`} dataset={dataset} onFiles={take} />}
      <div className={styles['messages']}>
        {shownProblem !== null && (
          <Notice
            tone="error"
            title="That did not work"
            onDismiss={() => {
              setDropProblem(null);
              dismissDataProblem();
            }}
          >
            {shownProblem}
          </Notice>
        )}
        {importing !== null && <Progress task={importing.task} onCancel={importing.cancel} />}
        {report !== null && <ImportReport report={report} onDismiss={dismissReport} />}
      </div>
      {dataset !== null && <Gallery key={`gallery ${dataset.id}`} />}
      {dataset === null && loaded && <FirstVisit onFiles={take} onProblem={setDropProblem} />}
      <AddDialog picked={picked} datasetName={dataset?.name ?? ''} onClose={() => setPicked(null)} />
    </div>
  );
}

interface AddDialogProps {
  readonly picked: readonly PickedFile[] | null;
  readonly datasetName: string;
  readonly onClose: () => void;
}

/** Where new files belong when there is a dataset already. */
function AddDialog({ picked, datasetName, onClose }: AddDialogProps) {
  const { importFiles } = useProjectStore.getState();
  const files = picked ?? [];
  const name = nameOfPick(files, 'My pictures');
  const choose = (target: 'current' | { readonly name: string }) => {
    onClose();
    void importFiles(files, target);
  };
  return (
    <Dialog
      open={picked !== null}
      onClose={onClose}
      title={`Add ${plural(files.length, 'file')}`}
      description="Should they join the dataset in use, or make one of their own?"
      footer={
        <>
          <Button icon={<FilePlus2 aria-hidden />} onClick={() => choose({ name })}>
            New dataset “{name}”
          </Button>
          <Button variant="primary" onClick={() => choose('current')}>
            Add to “{datasetName}”
          </Button>
        </>
      }
    />
  );
}
