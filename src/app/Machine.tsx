import { lazy, Suspense, useState } from 'react';
import { useMachineStore } from '../stores/machine';
import type { Capabilities } from '../protocol/machine';
import { backendNames } from './backendNames';
import styles from './Machine.module.css';

/** Loaded when it is first opened. */
const MachineDialog = lazy(() => import('./MachineDialog'));

/** The line at the rail's foot that says what the studio computes with; a click tells more. */
export function Machine() {
  const [open, setOpen] = useState(false);
  // It stays once it was opened, so that closing gives the focus back.
  const [wanted, setWanted] = useState(false);
  const capabilities = useMachineStore((state) => state.capabilities);
  const problem = useMachineStore((state) => state.problem);
  const line =
    capabilities !== null
      ? `${usesGpu(capabilities) ? (capabilities.adapter ?? 'GPU') : 'Processor'} · ${backendNames[capabilities.chosen]}`
      : problem !== null
        ? 'Cannot compute here'
        : 'Looking at this machine…';
  return (
    <>
      <button
        type="button"
        className={styles['line']}
        onClick={() => {
          setWanted(true);
          setOpen(true);
        }}
        aria-haspopup="dialog"
      >
        {line}
      </button>
      {wanted && (
        <Suspense fallback={null}>
          <MachineDialog open={open} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

/** Software adapters compute with WebGPU on the processor. */
function usesGpu({ chosen }: Capabilities): boolean {
  return chosen.endsWith('webgpu');
}
