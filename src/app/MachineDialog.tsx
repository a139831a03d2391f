import { Dialog } from '../components/Dialog';
import { Field } from '../components/Field';
import { MachineNotes } from '../components/MachineNotes';
import { Notice } from '../components/Notice';
import { Select, type Option } from '../components/Select';
import type { ExecutorKind } from '../stores/backend';
import { useMachineStore } from '../stores/machine';
import { useRunStore } from '../stores/run';
import { backendNames } from './backendNames';
import { Kept } from './Kept';
import styles from './Machine.module.css';

const choices: readonly Option<ExecutorKind | 'auto'>[] = [
  { value: 'auto', label: 'The fastest that works here' },
  { value: 'webgpu', label: 'WebGPU', hint: 'The studio’s own kernels on the GPU' },
  { value: 'tfjs-webgpu', label: 'WebGPU, stock kernels', hint: 'TensorFlow.js on the GPU' },
  { value: 'tfjs-wasm', label: 'WebAssembly', hint: 'The studio’s own kernels on the processor' },
];

interface MachineDialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
}

/** What the studio computes with, the choice of it, and what is kept on the disk. */
export default function MachineDialog({ open, onClose }: MachineDialogProps) {
  const capabilities = useMachineStore((state) => state.capabilities);
  const problem = useMachineStore((state) => state.problem);
  const forced = useMachineStore((state) => state.forced);
  const training = useRunStore((state) => state.active !== null);
  const choose = (next: ExecutorKind | 'auto') => void useMachineStore.getState().force(next === 'auto' ? null : next);
  return (
    <Dialog open={open} onClose={onClose} title="What the studio computes with">
      <div className={styles['body']}>
        {problem !== null && <Notice tone="error">{problem}</Notice>}
        {capabilities === null && problem === null && <p>Looking at this machine…</p>}
        {capabilities !== null && (
          <>
            <Notice tone={capabilities.chosen.endsWith('webgpu') && !capabilities.softwareAdapter ? 'ok' : 'warn'}>
              {capabilities.verdict}
            </Notice>
            <dl className={styles['facts']}>
              <dt>Adapter</dt>
              <dd>
                {capabilities.adapter ?? 'none'}
                {capabilities.adapter !== null && capabilities.softwareAdapter ? ' (software)' : ''}
              </dd>
              <dt>Computes with</dt>
              <dd>{backendNames[capabilities.chosen]}</dd>
              <dt>Processor threads</dt>
              <dd>
                {capabilities.threads}
                {capabilities.crossOriginIsolated ? '' : ' (the page is not isolated, so WebAssembly has one)'}
              </dd>
            </dl>
            <MachineNotes notes={capabilities.notes} />
          </>
        )}
        <Field label="Compute with" help="Counts from the next run or search on. A run in progress must end first.">
          {({ id, describedBy }) => (
            <Select
              id={id}
              aria-describedby={describedBy}
              value={forced ?? 'auto'}
              onChange={choose}
              options={choices}
              disabled={training}
            />
          )}
        </Field>
        <Kept />
      </div>
    </Dialog>
  );
}
