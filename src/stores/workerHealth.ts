import { create } from 'zustand';
import { client } from './client';

interface WorkerHealth {
  /** The worker has given no sign of life for a minute while the page waits for it. */
  readonly silent: boolean;
  /** Ends it; what waits for it fails with the reason, and the next action starts another. */
  readonly restart: () => void;
}

export const useWorkerHealth = create<WorkerHealth>()((set) => {
  client.onSilence((silent) => set({ silent }));
  return { silent: false, restart: () => client.restart() };
});
