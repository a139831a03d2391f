import { useEffect, useRef, useState } from 'react';
import { FilePlus2 } from 'lucide-react';
import { Button } from '../../components/Button';
import { cx } from '../../components/cx';
import { Dialog } from '../../components/Dialog';
import { focusMain } from '../../components/focusMain';
import { plural } from '../../components/format';
import { Notice } from '../../components/Notice';
import { Progress } from '../../components/Progress';
import { useFileDrop } from '../../components/useFileDrop';
import { gatherChosen, gatherDropped, type Gathered } from '../../dataset/entries';
import { useDataStore } from '../../stores/data';
import { useWaitingDrop, type DroppedItem } from '../../stores/waitingDrop';
import { DamagedDatasets } from './DamagedDatasets';
import { DataHeader } from './DataHeader';
import { DeletedNotice } from './DeletedNotice';
import { FirstVisit } from './FirstVisit';
import { Gallery } from './Gallery';
import { ImportReport } from './ImportReport';
import { nameOfPick } from './nameOfPick';
import styles from './DataPage.module.css';

/** Pictures and captions: bring them in, look at them, correct them. */
export default function DataPage() {
  const loaded = useDataStore((state) => state.loaded);
  const dataset = useDataStore((state) => state.dataset);
  const importing = useDataStore((state) => state.importing);
  const report = useDataStore((state) => state.report);
  const problem = useDataStore((state) => state.problem);
  const { importFiles, dismissReport, dismissProblem } = useDataStore.getState();
  // Files that wait for the answer whether they belong to the dataset in use.
  const [picked, setPicked] = useState<Gathered | null>(null);
  const [dropProblem, setDropProblem] = useState<string | null>(null);

  useFocusAfterChange(dataset?.id ?? null);
  // The samples stand below the place that shows how far the import is, and a dataset begins with its name.
  const stage = dataset?.id ?? (importing === null ? 'empty' : 'filling');
  useTopAfterChange(loaded ? stage : null);

  const take = (gathered: Gathered) => {
    setDropProblem(null);
    if (gathered.files.length === 0) {
      const [refused] = gathered.unreadable;
      setDropProblem(refused === undefined ? 'There were no files in it.' : `${refused.path}: ${refused.reason}`);
    } else if (dataset === null) {
      void importFiles(gathered, { name: nameOfPick(gathered.files, 'My pictures') });
    } else {
      setPicked(gathered);
    }
  };
  const drop = (items: Parameters<typeof gatherDropped>[0]) => {
    gatherDropped(items).then(take, (error: unknown) =>
      setDropProblem(error instanceof Error ? error.message : String(error)),
    );
  };
  useWaitingFiles(importing === null && loaded, drop);
  const choose = (files: FileList) => take(gatherChosen(files));
  const { over, handlers } = useFileDrop(drop);
  const shownProblem = dropProblem ?? problem;

  return (
    <div className={cx(styles['page'], over && dataset !== null && styles['over'])} {...handlers}>
      {dataset !== null && <DataHeader key={`header ${dataset.id}`} dataset={dataset} onChoose={choose} />}
      <div className={styles['messages']}>
        <DamagedDatasets />
        {shownProblem !== null && (
          <Notice
            tone="error"
            title="That did not work"
            onDismiss={() => {
              setDropProblem(null);
              dismissProblem();
            }}
          >
            {shownProblem}
          </Notice>
        )}
        {importing !== null && dataset !== null && <Progress task={importing.task} onCancel={importing.cancel} />}
        {report !== null && <ImportReport report={report} onDismiss={dismissReport} />}
      </div>
      {dataset !== null && <Gallery key={`gallery ${dataset.id}`} />}
      {dataset !== null && <DeletedNotice datasetId={dataset.id} />}
      {dataset === null && loaded && <FirstVisit onDrop={drop} onChoose={choose} onProblem={setDropProblem} />}
      <AddDialog picked={picked} datasetName={dataset?.name ?? ''} onClose={() => setPicked(null)} />
    </div>
  );
}

/** Takes what was dropped on another page, once it can be taken. */
function useWaitingFiles(ready: boolean, take: (items: readonly DroppedItem[]) => void): void {
  const items = useWaitingDrop((state) => state.items);
  useEffect(() => {
    if (!ready || items === null) return;
    useWaitingDrop.setState({ items: null });
    take(items);
  });
}

/** What is drawn of a dataset goes with it, the button that changed or deleted it included; the focus then goes to the page. */
function useFocusAfterChange(datasetId: string | null): void {
  const before = useRef<string | null>(null);
  useEffect(() => {
    if (before.current !== null && before.current !== datasetId && document.activeElement === document.body)
      focusMain();
    before.current = datasetId;
  }, [datasetId]);
}

/** Shows the beginning of the page whenever it comes to another stage; null before there is any. */
function useTopAfterChange(stage: string | null): void {
  const before = useRef(stage);
  useEffect(() => {
    if (before.current !== null && before.current !== stage) window.scrollTo(0, 0);
    before.current = stage;
  }, [stage]);
}

interface AddDialogProps {
  readonly picked: Gathered | null;
  readonly datasetName: string;
  readonly onClose: () => void;
}

/** Where new files belong when there is a dataset already. */
function AddDialog({ picked, datasetName, onClose }: AddDialogProps) {
  const { importFiles } = useDataStore.getState();
  const files = picked?.files ?? [];
  const name = nameOfPick(files, 'My pictures');
  const choose = (target: 'current' | { readonly name: string }) => {
    onClose();
    if (picked !== null) void importFiles(picked, target);
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
