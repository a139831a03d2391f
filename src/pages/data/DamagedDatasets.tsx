import { Button } from '../../components/Button';
import { Notice } from '../../components/Notice';
import { useProjectStore } from '../../stores/project';

/** Datasets whose records cannot be read any more: they are said to be there, and can be deleted with their pictures. */
export function DamagedDatasets() {
  const damaged = useProjectStore((state) => state.damagedDatasets);
  return damaged.map(({ id, name, reason }) => (
    <Notice
      key={id}
      tone="warn"
      title={`The record of ${name === null ? 'a dataset' : `the dataset ${name}`} is damaged`}
      actions={
        <Button size="s" onClick={() => void useProjectStore.getState().deleteDataset(id)}>
          Delete it with its pictures
        </Button>
      }
    >
      {reason} Nothing of it was removed; a newer studio may be able to read it.
    </Notice>
  ));
}
