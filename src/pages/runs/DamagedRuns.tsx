import { Button } from '../../components/Button';
import { Notice } from '../../components/Notice';
import { useRunStore } from '../../stores/run';

/** Runs whose records cannot be read any more: they are said to be there, and can be deleted with the weights that they hold. */
export function DamagedRuns() {
  const damaged = useRunStore((state) => state.damaged);
  const remove = useRunStore((state) => state.remove);
  return damaged.map(({ id, name, reason }) => (
    <Notice
      key={id}
      tone="warn"
      title={`The record of ${name === null ? 'a run' : `the run ${name}`} is damaged`}
      actions={
        <Button size="s" onClick={() => void remove(id)}>
          Delete it with its weights
        </Button>
      }
    >
      {reason} Nothing of it was removed; a newer studio may be able to read it.
    </Notice>
  ));
}
