import { Button } from '../../components/Button';
import { Notice } from '../../components/Notice';
import { useDataStore } from '../../stores/data';

/** Datasets whose records cannot be read any more: they are said to be there, and can be deleted with their pictures. */
export function DamagedDatasets() {
  const damaged = useDataStore((state) => state.damagedDatasets);
  return damaged.map(({ id, name, reason }) => (
    <Notice
      key={id}
      tone="warn"
      title={`The record of ${name === null ? 'a dataset' : `the dataset ${name}`} is damaged`}
      actions={
        <Button size="s" onClick={() => void useDataStore.getState().deleteDataset(id)}>
          Delete it with its pictures
        </Button>
      }
    >
      {reason} Nothing of it was removed; a newer studio may be able to read it.
    </Notice>
  ));
}
