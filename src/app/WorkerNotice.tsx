import { Button } from '../components/Button';
import { Notice } from '../components/Notice';
import { useWorkerHealth } from '../stores/workerHealth';

/** Says that the worker may be stuck, and leaves it to the user whether to wait. */
export function WorkerNotice() {
  const silent = useWorkerHealth((state) => state.silent);
  const restart = useWorkerHealth((state) => state.restart);
  if (!silent) return null;
  return (
    <Notice
      tone="warn"
      title="The background worker has not answered for a minute"
      actions={
        <Button size="s" onClick={restart}>
          Restart it
        </Button>
      }
    >
      A single step of a large model on the processor may take that long. If nothing moves, restart the worker: what is
      under way ends, what was stored stays.
    </Notice>
  );
}
