import { ChevronDown, Ellipsis, FileUp, FolderUp, Pencil, Plus, Scissors, Shapes, Trash2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { Button, IconButton } from '../../components/Button';
import { ConfirmDialog } from '../../components/Dialog';
import { FileInput } from '../../components/FileDrop';
import { bytes, count, plural } from '../../components/format';
import { Menu, type MenuItem } from '../../components/Menu';
import { PageHeader } from '../../components/PageHeader';
import { RenameDialog } from '../../components/RenameDialog';
import { pictureOf } from '../../dataset/sample';
import type { Dataset } from '../../dataset/types';
import { useDataStore } from '../../stores/data';
import { listSamples, type Sample } from '../../stores/samples';
import { useSplitCounts } from '../useSplitCounts';
import { SplitDialog } from './SplitDialog';
import { useDatasetHolds } from './useDatasetHolds';
import styles from './DataHeader.module.css';

/**
 * The head of the Data page: one dataset and the ways to others. What an import or a run still needs is held, with the reason; what cannot be
 * undone is asked before.
 */

interface DataHeaderProps {
  readonly dataset: Dataset;
  readonly onChoose: (files: FileList) => void;
}

type OpenDialog = 'rename' | 'split' | 'delete' | null;

/** The dataset's name and numbers, what one can do with it, and the way to the other datasets. */
export function DataHeader({ dataset, onChoose }: DataHeaderProps) {
  const [, navigate] = useLocation();
  const [dialog, setDialog] = useState<OpenDialog>(null);
  const images = useDataStore((state) => state.images);
  const damaged = useDataStore((state) => state.damaged);
  const counts = useSplitCounts();
  const holds = useDatasetHolds(dataset.id);
  const stored = images.reduce((sum, image) => sum + pictureOf(image).bytes, 0);
  const close = () => setDialog(null);
  return (
    <>
      <PageHeader
        title={<DatasetSwitch dataset={dataset} />}
        summary={
          <>
            {plural(images.length, 'picture')} · {count(counts.train)} train · {count(counts.validation)} validation ·{' '}
            {count(counts.test)} test{dataset.split.byCaption === true && ', equal captions together'} · {bytes(stored)}{' '}
            stored here, nowhere else
            {damaged > 0 && ` · ${plural(damaged, 'damaged record')} left out`}
          </>
        }
        actions={
          <>
            <AddMenu onChoose={onChoose} />
            <Menu
              trigger={<IconButton variant="secondary" label="More about this dataset" icon={<Ellipsis />} />}
              items={[
                { label: 'Rename', icon: <Pencil />, onSelect: () => setDialog('rename') },
                {
                  label: 'Change the split',
                  icon: <Scissors />,
                  disabledReason: holds.split,
                  onSelect: () => setDialog('split'),
                },
                {
                  label: 'Delete the dataset',
                  icon: <Trash2 />,
                  disabledReason: holds.remove,
                  danger: true,
                  separated: true,
                  onSelect: () => setDialog('delete'),
                },
              ]}
            />
            <Button variant="primary" onClick={() => navigate('/model')}>
              Choose a model
            </Button>
          </>
        }
      />
      <RenameDialog
        open={dialog === 'rename'}
        onClose={close}
        what="the dataset"
        name={dataset.name}
        maxLength={100}
        onRename={(name) => void useDataStore.getState().renameDataset(name)}
      />
      <SplitDialog open={dialog === 'split'} onClose={close} dataset={dataset} />
      <ConfirmDialog
        open={dialog === 'delete'}
        onClose={close}
        title={`Delete “${dataset.name}”?`}
        confirm="Delete the dataset"
        danger
        onConfirm={() => void useDataStore.getState().deleteDataset(dataset.id)}
      >
        {plural(images.length, 'picture')} with captions will be deleted from this browser. Runs made with them stay.
        This cannot be undone.
      </ConfirmDialog>
    </>
  );
}

/** The name of the dataset, and with several datasets the choice among them. */
function DatasetSwitch({ dataset }: { readonly dataset: Dataset }) {
  const datasets = useDataStore((state) => state.datasets);
  if (datasets.length < 2) return dataset.name;
  return (
    <Menu
      align="start"
      trigger={
        <button type="button" className={styles['switch']}>
          {dataset.name}
          <ChevronDown aria-hidden />
        </button>
      }
      items={datasets.map(({ id, name, createdAt }) => ({
        key: id,
        label: name,
        hint: new Date(createdAt).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' }),
        checked: id === dataset.id,
        onSelect: () => void useDataStore.getState().selectDataset(id),
      }))}
    />
  );
}

function AddMenu({ onChoose }: { readonly onChoose: (files: FileList) => void }) {
  const importing = useDataStore((state) => state.importing !== null);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const samples = useSamples();
  const items: MenuItem[] = [
    { label: 'Choose files', icon: <FileUp />, onSelect: () => files.current?.click() },
    { label: 'Choose a folder', icon: <FolderUp />, onSelect: () => folder.current?.click() },
    ...samples.map((sample, index) => ({
      label: sample.name,
      hint: 'A sample, as a dataset of its own',
      icon: <Shapes />,
      separated: index === 0,
      onSelect: () => void useDataStore.getState().importSample(sample),
    })),
  ];
  return (
    <>
      {importing ? (
        <Button icon={<Plus />} disabledReason="Pictures are being added. Wait for them, or cancel.">
          Add pictures
        </Button>
      ) : (
        <Menu trigger={<Button icon={<Plus />}>Add pictures</Button>} items={items} />
      )}
      <FileInput kind="files" onChoose={onChoose} ref={files} />
      <FileInput kind="folder" onChoose={onChoose} ref={folder} />
    </>
  );
}

/** The samples, or none when their list cannot be had; the first visit says why. */
function useSamples(): readonly Sample[] {
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  useEffect(() => {
    const controller = new AbortController();
    listSamples(controller.signal).then(setSamples, () => undefined);
    return () => controller.abort();
  }, []);
  return samples;
}
